UPDATE audit_head SET number=:newest, hash=:newest_hash WHERE audit_head.id = 1
