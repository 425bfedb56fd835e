SELECT id, reference, status FROM "Queues"
WHERE id IN (SELECT CAST(value AS uniqueidentifier) FROM OPENJSON(CAST(:ids AS nvarchar(max))))
UNION
SELECT id, reference, status FROM "Queues"
WHERE queue_name = :queue_name AND status IN ('NEW', 'IN_PROGRESS') AND reference IN (SELECT value COLLATE DATABASE_DEFAULT FROM OPENJSON(CAST(:references AS nvarchar(max))))
