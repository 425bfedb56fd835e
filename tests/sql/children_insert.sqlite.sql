INSERT INTO children (parent_id, "key", process_id) SELECT r.parent_id, r."key", r.process_id 
FROM (SELECT json_extract(value, '$[0]') AS parent_id, json_extract(value, '$[1]') AS "key", json_extract(value, '$[2]') AS process_id FROM json_each(:rows)) AS r
