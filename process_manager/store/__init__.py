"""Every SQL statement on the engine's own tables, one verb in a function."""
