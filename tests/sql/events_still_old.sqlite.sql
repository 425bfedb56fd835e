SELECT events."key" 
FROM events LEFT OUTER JOIN event_signals ON event_signals."key" = events."key" AND event_signals.number = events.number 
WHERE events.waking = 0 AND (events.number = 0 OR coalesce(event_signals.withdrawn_at, event_signals.stated_at) < :before) AND NOT (EXISTS (SELECT event_waits.process_id 
FROM event_waits JOIN processes ON processes.id = event_waits.process_id 
WHERE event_waits."key" = events."key" AND (processes.status NOT IN ('succeeded', 'skipped', 'abandoned')))) AND events."key" IN (SELECT r."key" 
FROM (SELECT json_extract(value, '$[0]') AS "key" FROM json_each(:rows)) AS r)
