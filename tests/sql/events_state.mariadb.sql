UPDATE events SET number=:to_number, stated_at=:now WHERE events.`key` = :of_key
