DELETE FROM dedup_keys WHERE dedup_keys.process_id IN (SELECT r.id 
FROM (SELECT json_extract(value, '$[0]') AS "id" FROM json_each(:rows)) AS r) AND dedup_keys.scope = 'while_open'
