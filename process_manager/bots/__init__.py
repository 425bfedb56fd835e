"""Bots that read: a workbook that somebody uploads, and a page of a site. Both are there to be extended."""

from process_manager.bots.browser_reader import BrowserReader
from process_manager.bots.excel_reader import ExcelReader

__all__ = ["BrowserReader", "ExcelReader"]
