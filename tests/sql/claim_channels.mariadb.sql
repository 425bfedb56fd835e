SELECT processes.channel 
FROM processes 
WHERE processes.channel > :after ORDER BY processes.channel 
 LIMIT 1
