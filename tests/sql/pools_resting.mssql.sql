SELECT processes.id 
FROM processes WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK) 
WHERE processes.waiting_for = 'platform' AND processes.name = :name AND processes.version = :version AND processes.pool = :pool AND processes.due_at > :now ORDER BY processes.pool_since, processes.id
 OFFSET 0 ROWS
 FETCH FIRST :count ROWS ONLY
