DELETE FROM search_values WHERE search_values.process_id = :of_process AND search_values.field = :of_field
