SELECT audit_head.number, audit_head.hash 
FROM audit_head WITH (ROWLOCK, UPDLOCK, HOLDLOCK, FORCESEEK) 
WHERE audit_head.id = 1
