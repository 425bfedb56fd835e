SELECT children.`key` 
FROM children, JSON_TABLE(:rows, '$[*]' COLUMNS (parent_id BIGINT PATH '$[0]', `key` VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[1]')) AS r 
WHERE children.parent_id = r.parent_id AND children.`key` = r.`key`
