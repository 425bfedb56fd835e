DELETE FROM seats WHERE (seats.process_id, seats.fence) IN (SELECT r.process_id, r.fence 
FROM (SELECT json_extract(value, '$[0]') AS process_id, json_extract(value, '$[1]') AS fence FROM json_each(:rows)) AS r)
