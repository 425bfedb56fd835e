"""How much memory a web server needs: as many threads as its database can serve, and few heaps for them."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from typing import Final

from anyio import to_thread

THREADS: Final = 16
"""So many requests are worked on at once; the others wait a moment. Each thread keeps what its largest page took."""
HEAPS: Final = 2
M_ARENA_MAX: Final = -8
"""As <malloc.h> says."""


def keep_few_heaps() -> None:
    """Have glibc share two heaps among all threads: it makes eight for each core, and gives little of any back."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another library than glibc
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS)


def keep_few_threads() -> None:
    """Work on a few requests at once; it is called in the loop that serves."""
    to_thread.current_default_thread_limiter().total_tokens = THREADS
