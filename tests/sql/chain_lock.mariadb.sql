SELECT audit_head.number, audit_head.hash 
FROM audit_head 
WHERE audit_head.id = 1 FOR UPDATE
