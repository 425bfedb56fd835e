UPDATE audit_head SET number=:newest::BIGINT, hash=:newest_hash::VARCHAR WHERE audit_head.id = 1
