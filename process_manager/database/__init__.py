"""The engine's own database: connections and transactions. Transactions belong to the caller."""

from process_manager.database.connection import Database, ask, connect, single

__all__ = ["Database", "ask", "connect", "single"]
