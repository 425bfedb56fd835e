"""The pages people live in, and the HTTP API: thin entries over governance and inspection."""
