"""How alembic writes the migrations as text for a dialect; on a database `process_manager.database` walks them."""

from __future__ import annotations

from alembic import context

context.configure(**context.config.attributes["options"], literal_binds=True, as_sql=True)

with context.begin_transaction():
    context.run_migrations()
