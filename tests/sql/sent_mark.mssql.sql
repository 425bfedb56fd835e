INSERT INTO sent (process_id, fence, channel, sent_at) SELECT r.process_id, r.fence, r.channel, r.sent_at 
FROM (SELECT process_id AS process_id, fence AS fence, channel COLLATE Latin1_General_100_BIN2 AS channel, sent_at AS sent_at FROM OPENJSON(:rows) WITH (process_id BIGINT '$[0]', fence BIGINT '$[1]', channel NVARCHAR(4000) '$[2]', sent_at DATETIME2(6) '$[3]')) AS r
