SELECT children.[key], processes.id, processes.name, processes.status, coalesce(processes.payload, processes.parameters) AS coalesce_1 
FROM children WITH (FORCESEEK) JOIN processes WITH (FORCESEEK) ON processes.id = children.process_id 
WHERE children.parent_id = :of_parent ORDER BY processes.id
