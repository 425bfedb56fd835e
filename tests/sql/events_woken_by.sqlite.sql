SELECT event_signals."key", event_signals.number, event_signals.stated_at, event_signals.payload, event_signals."by", event_signals.withdrawn_at, event_signals.withdrawn_by 
FROM event_waits LEFT OUTER JOIN event_signals ON event_signals."key" = event_waits."key" AND event_signals.number = event_waits.woken_number 
WHERE event_waits.process_id = :of_process AND event_waits.step_key = :of_step ORDER BY event_waits.seq DESC
 LIMIT 1 OFFSET 0
