SELECT children.key, processes.id, processes.name, processes.status, coalesce(processes.payload, processes.parameters) AS coalesce_1 
FROM children JOIN processes ON processes.id = children.process_id 
WHERE children.parent_id = :of_parent::BIGINT ORDER BY processes.id
