SELECT joins.parent_id, joins.open, joins.settled, joins.waits, joins.step_key, joins.seen, joins.waking 
FROM joins 
WHERE joins.parent_id IN (__[POSTCOMPILE_picked]) ORDER BY joins.parent_id
