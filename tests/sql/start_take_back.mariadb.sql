DELETE FROM processes USING processes, JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]')) AS r WHERE processes.id = r.id
