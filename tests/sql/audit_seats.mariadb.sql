SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT min(processes.id) AS id, limits.name AS place 
FROM seats INNER JOIN processes ON processes.id = seats.process_id AND processes.step = seats.step AND processes.status = 'running' AND (processes.fence = seats.fence OR processes.fence = seats.fence + 1 AND processes.stop_requested_at IS NOT NULL) INNER JOIN limits ON limits.name = seats.limit_name AND (limits.changed_at IS NULL OR seats.taken_at > limits.changed_at) GROUP BY limits.name, limits.chosen, limits.declared 
HAVING count(*) > coalesce(limits.chosen, limits.declared)) AS found ORDER BY found.id, found.place 
 LIMIT 5
