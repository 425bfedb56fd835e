SELECT id, reference, status FROM "Queues"
WHERE id IN (SELECT value FROM json_each(:ids))
UNION
SELECT id, reference, status FROM "Queues"
WHERE queue_name = :queue_name AND status IN ('NEW', 'IN_PROGRESS') AND reference IN (SELECT value FROM json_each(:references))
