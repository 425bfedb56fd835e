INSERT INTO dedup_keys (name, key_hash, process_id, scope) SELECT r.name, r.key_hash, r.process_id, r.scope 
FROM (SELECT json_extract(value, '$[0]') AS name, json_extract(value, '$[1]') AS key_hash, json_extract(value, '$[2]') AS process_id, json_extract(value, '$[3]') AS scope FROM json_each(:rows)) AS r
