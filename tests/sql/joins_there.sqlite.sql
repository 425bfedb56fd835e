SELECT joins.parent_id 
FROM joins 
WHERE joins.parent_id IN (__[POSTCOMPILE_picked])
