"""Start a process and run it in the caller's own thread, until it rests."""

from process_manager.direct.by_settings import run
from process_manager.direct.call import Direct, Rest

__all__ = ["Direct", "Rest", "run"]
