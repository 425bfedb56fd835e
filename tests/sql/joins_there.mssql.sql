SELECT joins.parent_id 
FROM joins WITH (NOLOCK, FORCESEEK) 
WHERE joins.parent_id IN (__[POSTCOMPILE_picked])
