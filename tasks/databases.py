"""The databases that steps work on outside the engine, each named by the setting that holds its URL."""

from process_manager.integrations.databases import OutsideDatabase, is_lock_timeout, outside

__all__ = ["OutsideDatabase", "is_lock_timeout", "outside"]
