SELECT page.parent_id, page.open, (SELECT count(*) AS count_1 
FROM children JOIN processes ON processes.id = children.process_id 
WHERE children.parent_id = page.parent_id AND (processes.status NOT IN ('succeeded', 'skipped', 'rejected', 'abandoned', 'failed', 'uncertain', 'quarantined'))) AS is_open 
FROM (SELECT joins.parent_id AS parent_id, joins.open AS open 
FROM joins 
WHERE joins.parent_id < :below AND joins.parent_id >= :edge AND joins.waits != '' ORDER BY joins.parent_id DESC
 LIMIT 100 OFFSET 0) AS page ORDER BY page.parent_id DESC
