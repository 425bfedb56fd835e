INSERT INTO sent (process_id, fence, channel, sent_at) SELECT r.process_id, r.fence, r.channel, r.sent_at 
FROM (SELECT json_extract(value, '$[0]') AS process_id, json_extract(value, '$[1]') AS fence, json_extract(value, '$[2]') AS channel, json_extract(value, '$[3]') AS sent_at FROM json_each(:rows)) AS r
