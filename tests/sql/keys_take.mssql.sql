INSERT INTO dedup_keys (name, key_hash, process_id, scope) OUTPUT inserted.process_id SELECT r.name, r.key_hash, r.process_id, r.scope 
FROM (SELECT name COLLATE Latin1_General_100_BIN2 AS name, key_hash AS key_hash, process_id AS process_id, scope AS scope FROM OPENJSON(:rows) WITH (name NVARCHAR(4000) '$[0]', key_hash NVARCHAR(4000) '$[1]', process_id BIGINT '$[2]', scope NVARCHAR(4000) '$[3]')) AS r 
WHERE NOT (EXISTS (SELECT dedup_keys.name 
FROM dedup_keys WITH (ROWLOCK, UPDLOCK, HOLDLOCK, FORCESEEK) 
WHERE dedup_keys.name = r.name AND dedup_keys.key_hash = r.key_hash))
