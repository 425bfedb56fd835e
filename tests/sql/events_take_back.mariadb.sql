UPDATE event_signals SET withdrawn_at=:now, withdrawn_by=:who WHERE event_signals.`key` = :of_key AND event_signals.number = :of_number
