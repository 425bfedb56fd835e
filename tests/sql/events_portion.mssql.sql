SELECT max(some_keys.[key]) AS max_1 
FROM (SELECT TOP __[POSTCOMPILE_param_1] events.[key] AS [key] 
FROM events 
WHERE events.[key] > :after ORDER BY events.[key]) AS some_keys
