SELECT TOP __[POSTCOMPILE_param_1] children.[key], children.process_id 
FROM children WITH (FORCESEEK) JOIN processes WITH (FORCESEEK) ON processes.id = children.process_id 
WHERE children.parent_id = :of_parent AND children.process_id > :above ORDER BY children.process_id
