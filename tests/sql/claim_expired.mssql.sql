SELECT processes.id 
FROM processes WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK) 
WHERE processes.lease_ends_at < :now AND processes.status = 'running' ORDER BY processes.lease_ends_at
 OFFSET 0 ROWS
 FETCH FIRST :count ROWS ONLY
