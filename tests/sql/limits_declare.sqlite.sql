INSERT INTO limits (name, period_ms, declared, versions) SELECT r.name, r.period_ms, r.declared, r.versions 
FROM (SELECT json_extract(value, '$[0]') AS name, json_extract(value, '$[1]') AS period_ms, json_extract(value, '$[2]') AS declared, json_extract(value, '$[3]') AS versions FROM json_each(:rows)) AS r 
WHERE NOT (EXISTS (SELECT limits.name 
FROM limits 
WHERE limits.name = r.name))
