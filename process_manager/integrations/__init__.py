"""Outside systems: the office's own databases, and OpenOrchestrator."""
