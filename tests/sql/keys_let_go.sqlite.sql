DELETE FROM dedup_keys WHERE (dedup_keys.name, dedup_keys.key_hash, dedup_keys.process_id) IN (SELECT r.name, r.key_hash, r.process_id 
FROM (SELECT json_extract(value, '$[0]') AS name, json_extract(value, '$[1]') AS key_hash, json_extract(value, '$[2]') AS process_id FROM json_each(:rows)) AS r) AND dedup_keys.scope = 'while_open'
