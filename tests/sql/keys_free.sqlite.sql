SELECT dedup_keys.process_id 
FROM dedup_keys, (SELECT json_extract(value, '$[0]') AS name, json_extract(value, '$[1]') AS key_hash, json_extract(value, '$[2]') AS process_id FROM json_each(:rows)) AS r 
WHERE dedup_keys.name = r.name AND dedup_keys.key_hash = r.key_hash AND dedup_keys.process_id = r.process_id
