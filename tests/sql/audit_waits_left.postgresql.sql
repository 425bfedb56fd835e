SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, event_waits.key AS place 
FROM processes JOIN event_waits ON event_waits.process_id = processes.id AND event_waits.is_open = 1::INTEGER 
WHERE processes.finished_at < :long_ago::TIMESTAMP WITH TIME ZONE) AS found ORDER BY found.id, found.place 
 LIMIT 5::INTEGER
