SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, event_waits.`key` AS place 
FROM processes INNER JOIN event_waits ON event_waits.process_id = processes.id AND event_waits.is_open = 1 
WHERE processes.finished_at < :long_ago) AS found ORDER BY found.id, found.place 
 LIMIT 5
