UPDATE events SET number=:to_number::BIGINT, stated_at=NULL WHERE events.key = :of_key::VARCHAR
