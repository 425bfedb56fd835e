DELETE FROM search_values WHERE (search_values.process_id, search_values.field) IN (SELECT r.process_id, r.field 
FROM (SELECT json_extract(value, '$[0]') AS process_id, json_extract(value, '$[1]') AS field FROM json_each(:rows)) AS r)
