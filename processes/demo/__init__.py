"""The demonstration: `process-manager demo` shows the invoice dispatch at work, in a folder of its own."""

DISCOVERED = False
"""Its processes are for its own databases: no installation finds them, and none pays for their import."""
