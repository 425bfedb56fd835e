SELECT dedup_keys.process_id 
FROM dedup_keys WITH (NOLOCK, FORCESEEK), (SELECT name COLLATE Latin1_General_100_BIN2 AS name, key_hash AS key_hash, process_id AS process_id FROM OPENJSON(:rows) WITH (name NVARCHAR(4000) '$[0]', key_hash NVARCHAR(4000) '$[1]', process_id BIGINT '$[2]')) AS r 
WHERE dedup_keys.name = r.name AND dedup_keys.key_hash = r.key_hash AND dedup_keys.process_id = r.process_id
