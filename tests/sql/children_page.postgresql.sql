SELECT children.key, children.process_id 
FROM children JOIN processes ON processes.id = children.process_id 
WHERE children.parent_id = :of_parent::BIGINT AND children.process_id > :above::BIGINT ORDER BY children.process_id 
 LIMIT 50::INTEGER
