INSERT INTO search_values (process_id, field, value_hash) SELECT r.process_id, r.field, r.value_hash 
FROM (SELECT json_extract(value, '$[0]') AS process_id, json_extract(value, '$[1]') AS field, json_extract(value, '$[2]') AS value_hash FROM json_each(:rows)) AS r
