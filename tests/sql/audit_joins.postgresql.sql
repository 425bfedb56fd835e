SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT joins.parent_id AS id, CAST(joins.open AS VARCHAR(12)) AS place 
FROM joins LEFT OUTER JOIN (SELECT children.parent_id AS parent_id, sum(CASE WHEN (processes.status IN ('succeeded'::VARCHAR, 'skipped'::VARCHAR, 'rejected'::VARCHAR, 'abandoned'::VARCHAR, 'failed'::VARCHAR, 'uncertain'::VARCHAR, 'quarantined'::VARCHAR)) THEN 0::INTEGER ELSE 1::INTEGER END) AS number 
FROM children JOIN processes ON processes.id = children.process_id GROUP BY children.parent_id) AS recounted ON recounted.parent_id = joins.parent_id 
WHERE coalesce(recounted.number, 0::INTEGER) != joins.open) AS found ORDER BY found.id, found.place 
 LIMIT 5::INTEGER
