"""Every SQL statement on the engine's own tables: one function, one statement, one verb."""
