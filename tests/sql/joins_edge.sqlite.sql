SELECT joins.parent_id 
FROM joins 
WHERE joins.parent_id < :below ORDER BY joins.parent_id DESC
 LIMIT 1 OFFSET 9999
