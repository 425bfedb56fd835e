SELECT max(some_keys.[key]) AS max_1 
FROM (SELECT events.[key] AS [key] 
FROM events 
WHERE events.[key] > :after
 OFFSET 0 ROWS
 FETCH FIRST 1000 ROWS ONLY) AS some_keys
