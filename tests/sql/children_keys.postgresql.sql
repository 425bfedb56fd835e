SELECT children.key 
FROM children, (SELECT CAST(value ->> 0 AS BIGINT) AS parent_id, (value ->> 1) AS key FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r 
WHERE children.parent_id = r.parent_id AND children.key = r.key
