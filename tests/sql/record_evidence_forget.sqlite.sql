DELETE FROM evidence WHERE (evidence.process_id, evidence.seq, evidence.number) IN (SELECT r.process_id, r.seq, r.number 
FROM (SELECT json_extract(value, '$[0]') AS process_id, json_extract(value, '$[1]') AS seq, json_extract(value, '$[2]') AS number FROM json_each(:rows)) AS r)
