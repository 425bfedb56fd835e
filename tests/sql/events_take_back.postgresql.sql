UPDATE event_signals SET withdrawn_at=:now::TIMESTAMP WITH TIME ZONE, withdrawn_by=:who::VARCHAR WHERE event_signals.key = :of_key::VARCHAR AND event_signals.number = :of_number::BIGINT
