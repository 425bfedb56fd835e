SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, event_waits.`key` AS place 
FROM processes INNER JOIN event_waits ON event_waits.process_id = processes.id AND event_waits.is_open = 1 
WHERE processes.status = 'waiting' AND processes.waiting_for = 'event' AND (EXISTS (SELECT * 
FROM event_signals 
WHERE event_signals.`key` = event_waits.`key` AND event_signals.number > event_waits.number AND event_signals.stated_at < :long_ago))) AS found ORDER BY found.id, found.place 
 LIMIT 5
