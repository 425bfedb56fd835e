UPDATE events SET number=:to_number, stated_at=NULL WHERE events.[key] = :of_key
