SELECT processes.id 
FROM processes 
WHERE processes.due_at <= :now::TIMESTAMP WITH TIME ZONE ORDER BY processes.due_at, processes.id 
 LIMIT 1::INTEGER
