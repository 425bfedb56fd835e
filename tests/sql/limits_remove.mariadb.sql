DELETE FROM seats USING seats, JSON_TABLE(:rows, '$[*]' COLUMNS (process_id BIGINT PATH '$[0]', fence BIGINT PATH '$[1]')) AS r WHERE seats.process_id = r.process_id AND seats.fence = r.fence
