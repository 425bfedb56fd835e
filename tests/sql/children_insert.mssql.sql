INSERT INTO children (parent_id, [key], process_id) SELECT r.parent_id, r.[key], r.process_id 
FROM (SELECT parent_id AS parent_id, [key] COLLATE Latin1_General_100_BIN2 AS [key], process_id AS process_id FROM OPENJSON(:rows) WITH (parent_id BIGINT '$[0]', [key] NVARCHAR(4000) '$[1]', process_id BIGINT '$[2]')) AS r
