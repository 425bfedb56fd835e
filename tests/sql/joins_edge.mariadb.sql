SELECT joins.parent_id 
FROM joins 
WHERE joins.parent_id < :below ORDER BY joins.parent_id DESC 
 LIMIT 9999, 1
