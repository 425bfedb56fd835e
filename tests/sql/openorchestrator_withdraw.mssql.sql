DELETE FROM "Queues"
WHERE queue_name = CAST(:queue_name AS varchar(100)) AND status = 'NEW' AND reference IN (SELECT CAST(value AS varchar(100)) COLLATE DATABASE_DEFAULT
                     FROM OPENJSON(CAST(:references AS nvarchar(max))))
