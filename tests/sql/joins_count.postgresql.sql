SELECT children.parent_id, count(*) AS count_1 
FROM children JOIN processes ON processes.id = children.process_id 
WHERE children.parent_id IN (__[POSTCOMPILE_picked]) AND (processes.status NOT IN ('succeeded', 'skipped', 'rejected', 'abandoned', 'failed', 'uncertain', 'quarantined')) GROUP BY children.parent_id
