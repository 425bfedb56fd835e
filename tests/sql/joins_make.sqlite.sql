INSERT INTO joins (parent_id, open, settled, seen, waking, waits, step_key) SELECT r.parent_id, 0 AS open, 0 AS settled, 0 AS seen, 0 AS waking, '' AS waits, '' AS step_key 
FROM (SELECT json_extract(value, '$[0]') AS parent_id FROM json_each(:rows)) AS r 
WHERE NOT (EXISTS (SELECT joins.parent_id 
FROM joins 
WHERE joins.parent_id = r.parent_id))
