SELECT events.[key] 
FROM events LEFT OUTER JOIN event_signals WITH (FORCESEEK) ON event_signals.[key] = events.[key] AND event_signals.number = events.number 
WHERE events.waking = 0 AND (events.number = 0 OR coalesce(event_signals.withdrawn_at, event_signals.stated_at) < :before) AND NOT (EXISTS (SELECT event_waits.process_id 
FROM event_waits WITH (FORCESEEK) JOIN processes WITH (FORCESEEK) ON processes.id = event_waits.process_id 
WHERE event_waits.[key] = events.[key] AND (processes.status NOT IN ('succeeded', 'skipped', 'abandoned')))) AND events.[key] > :after AND events.[key] <= :last ORDER BY events.[key]
 OFFSET 0 ROWS
 FETCH FIRST 100 ROWS ONLY
