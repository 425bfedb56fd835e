SELECT max(some_keys.key) AS max_1 
FROM (SELECT events.key AS key 
FROM events 
WHERE events.key > :after::VARCHAR ORDER BY events.key 
 LIMIT 1000::INTEGER) AS some_keys
