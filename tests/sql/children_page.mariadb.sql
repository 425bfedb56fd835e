SELECT children.`key`, children.process_id 
FROM children INNER JOIN processes ON processes.id = children.process_id 
WHERE children.parent_id = :of_parent AND children.process_id > :above ORDER BY children.process_id 
 LIMIT 50
