UPDATE events SET number=:to_number::BIGINT, stated_at=:now::TIMESTAMP WITH TIME ZONE WHERE events.key = :of_key::VARCHAR
