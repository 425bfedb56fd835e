SELECT joins.parent_id 
FROM joins 
WHERE joins.parent_id < :below ORDER BY joins.parent_id DESC
 OFFSET 9999 ROWS
 FETCH FIRST 1 ROWS ONLY
