DELETE FROM "Queues"
WHERE queue_name = :queue_name AND status = 'NEW' AND reference IN (SELECT value FROM json_each(:references))
