INSERT INTO "Queues" (id, queue_name, status, data, reference, created_date, created_by)
SELECT given.id, :queue_name, 'NEW', given.data, given.reference, :created, :created_by
FROM (SELECT json_extract(value, '$.id') AS id, json_extract(value, '$.reference') AS reference,
           json_extract(value, '$.data') AS data FROM json_each(:elements)) AS given
WHERE NOT EXISTS (SELECT 1 FROM "Queues" AS q WHERE q.id = given.id)
