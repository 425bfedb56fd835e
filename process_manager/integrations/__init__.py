"""Systems outside: the office's own databases, and OpenOrchestrator."""
