SELECT processes.name, processes.version, processes.channel, processes.step, count(*) AS number, min(processes.due_at) AS oldest, (SELECT o.id 
FROM processes AS o 
WHERE o.due_at <= :now ORDER BY o.due_at, o.id
 LIMIT 1 OFFSET 0) AS longest 
FROM processes 
WHERE processes.due_at <= :now GROUP BY processes.name, processes.version, processes.channel, processes.step
