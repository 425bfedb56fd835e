INSERT IGNORE INTO joins (parent_id, open, settled, seen, waking, waits, step_key) SELECT r.parent_id, 0 AS open, 0 AS settled, 0 AS seen, 0 AS waking, '' AS waits, '' AS step_key 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (parent_id BIGINT PATH '$[0]')) AS r 
WHERE NOT (EXISTS (SELECT joins.parent_id 
FROM joins 
WHERE joins.parent_id = r.parent_id))
