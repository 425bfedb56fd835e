INSERT INTO seats (process_id, fence, limit_name, step, taken_at) SELECT r.process_id, r.fence, r.limit_name, r.step, r.taken_at 
FROM (SELECT json_extract(value, '$[0]') AS process_id, json_extract(value, '$[1]') AS fence, json_extract(value, '$[2]') AS limit_name, json_extract(value, '$[3]') AS step, json_extract(value, '$[4]') AS taken_at FROM json_each(:rows)) AS r
