"""How alembic meets the database: on the connection it is given, or as text for a dialect."""

from __future__ import annotations

from alembic import context

from process_manager.store.indexes import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    context.configure(
        dialect_name=context.config.attributes.get("dialect", "sqlite"),
        target_metadata=metadata,
        literal_binds=True,
        as_sql=True,
    )
else:
    alone = context.config.attributes.get("alone", False)  # nobody else's transaction is open on the connection
    context.configure(
        connection=connection, target_metadata=metadata, transactional_ddl=alone, transaction_per_migration=alone
    )

with context.begin_transaction():
    context.run_migrations()
