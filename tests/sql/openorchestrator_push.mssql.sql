INSERT INTO "Queues" (id, queue_name, status, data, reference, created_date, created_by)
SELECT given.id, :queue_name, 'NEW', given.data, given.reference, :created, :created_by
FROM OPENJSON(CAST(:elements AS nvarchar(max)))
     WITH (id uniqueidentifier '$.id', reference nvarchar(100) '$.reference', data nvarchar(2000) '$.data') AS given
WHERE NOT EXISTS (SELECT 1 FROM "Queues" AS q WITH (ROWLOCK, UPDLOCK, HOLDLOCK, FORCESEEK) WHERE q.id = given.id)
