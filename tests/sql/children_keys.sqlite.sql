SELECT children."key" 
FROM children, (SELECT json_extract(value, '$[0]') AS parent_id, json_extract(value, '$[1]') AS "key" FROM json_each(:rows)) AS r 
WHERE children.parent_id = r.parent_id AND children."key" = r."key"
