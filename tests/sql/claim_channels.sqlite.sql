SELECT processes.channel 
FROM processes 
WHERE processes.due_at IS NOT NULL AND processes.channel > :after ORDER BY processes.channel
 LIMIT 1 OFFSET 0
