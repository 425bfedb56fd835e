INSERT INTO sent (process_id, fence, channel, sent_at) SELECT r.process_id, r.fence, r.channel, r.sent_at 
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS process_id, CAST(value ->> 1 AS BIGINT) AS fence, (value ->> 2) AS channel, CAST((value ->> 3) || '+00' AS TIMESTAMPTZ) AS sent_at FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r
