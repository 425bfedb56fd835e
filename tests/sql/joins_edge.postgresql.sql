SELECT joins.parent_id 
FROM joins 
WHERE joins.parent_id < :below::BIGINT ORDER BY joins.parent_id DESC 
 LIMIT 1::INTEGER OFFSET 9999::INTEGER
