DELETE FROM "Queues"
WHERE queue_name = :queue_name AND status = 'NEW' AND reference IN (SELECT value COLLATE DATABASE_DEFAULT FROM OPENJSON(CAST(:references AS nvarchar(max))))
