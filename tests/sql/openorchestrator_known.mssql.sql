SELECT id, reference, status FROM "Queues" WITH (FORCESEEK)
WHERE id IN (SELECT CAST(value AS uniqueidentifier) FROM OPENJSON(CAST(:ids AS nvarchar(max))))
UNION
SELECT id, reference, status FROM "Queues"
WHERE queue_name = CAST(:queue_name AS varchar(100)) AND status IN ('NEW', 'IN_PROGRESS') AND reference IN (SELECT CAST(value AS varchar(100)) COLLATE DATABASE_DEFAULT
                     FROM OPENJSON(CAST(:references AS nvarchar(max))))
