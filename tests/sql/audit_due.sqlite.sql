SELECT processes.name, processes.version, processes.channel, processes.step, count(*) AS number, min(processes.due_at) AS oldest 
FROM processes 
WHERE processes.due_at <= :now GROUP BY processes.name, processes.version, processes.channel, processes.step
