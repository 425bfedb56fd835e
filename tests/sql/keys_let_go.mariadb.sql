DELETE FROM dedup_keys WHERE dedup_keys.name = :held_name AND dedup_keys.key_hash = :held_hash AND dedup_keys.process_id = :held_by AND dedup_keys.scope = 'while_open'
