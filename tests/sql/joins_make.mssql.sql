INSERT INTO joins (parent_id, [open], settled, seen, waking, waits, step_key) SELECT r.parent_id, 0 AS [open], 0 AS settled, 0 AS seen, 0 AS waking, '' AS waits, '' AS step_key 
FROM (SELECT parent_id AS parent_id FROM OPENJSON(:rows) WITH (parent_id BIGINT '$[0]')) AS r 
WHERE NOT (EXISTS (SELECT joins.parent_id 
FROM joins WITH (ROWLOCK, UPDLOCK, HOLDLOCK, FORCESEEK) 
WHERE joins.parent_id = r.parent_id))
