SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT joins.parent_id AS id, CAST(joins.open AS CHAR(12)) AS place 
FROM joins LEFT OUTER JOIN (SELECT children.parent_id AS parent_id, sum(CASE WHEN (processes.status IN ('succeeded', 'skipped', 'rejected', 'abandoned', 'failed', 'uncertain', 'quarantined')) THEN 0 ELSE 1 END) AS number 
FROM children INNER JOIN processes ON processes.id = children.process_id GROUP BY children.parent_id) AS recounted ON recounted.parent_id = joins.parent_id 
WHERE coalesce(recounted.number, 0) != joins.open) AS found ORDER BY found.id, found.place 
 LIMIT 5
