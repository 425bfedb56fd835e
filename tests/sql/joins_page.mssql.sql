SELECT page.parent_id, page.[open], (SELECT count(*) AS count_1 
FROM children WITH (FORCESEEK) JOIN processes WITH (FORCESEEK) ON processes.id = children.process_id 
WHERE children.parent_id = page.parent_id AND (processes.status NOT IN ('succeeded', 'skipped', 'rejected', 'abandoned', 'failed', 'uncertain', 'quarantined'))) AS is_open 
FROM (SELECT TOP __[POSTCOMPILE_param_1] joins.parent_id AS parent_id, joins.[open] AS [open] 
FROM joins 
WHERE joins.parent_id < :below AND joins.parent_id >= :edge AND joins.waits != '' ORDER BY joins.parent_id DESC) AS page ORDER BY page.parent_id DESC
