INSERT INTO search_values (process_id, field, value_hash) SELECT r.process_id, r.field, r.value_hash 
FROM (SELECT process_id AS process_id, field COLLATE Latin1_General_100_BIN2 AS field, value_hash COLLATE Latin1_General_100_BIN2 AS value_hash FROM OPENJSON(:rows) WITH (process_id BIGINT '$[0]', field NVARCHAR(4000) '$[1]', value_hash NVARCHAR(4000) '$[2]')) AS r
