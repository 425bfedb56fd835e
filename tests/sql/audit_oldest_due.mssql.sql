SELECT TOP 1 processes.id 
FROM processes 
WHERE processes.due_at <= :now ORDER BY processes.due_at, processes.id
