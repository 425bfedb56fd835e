"""The invoice dispatch: rows of an office's table, handed to SAP through a queue."""

from processes.fakturering.process import Fakturering

__all__ = ["Fakturering"]
