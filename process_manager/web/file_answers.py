"""Files of processes, sent to be saved: never shown by a browser, whatever is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from starlette.responses import StreamingResponse

from process_manager import files
from process_manager.files import PIECE, StoredFile
from process_manager.web.office import Office

MEDIA_TYPE = "application/octet-stream"


def sent(office: Office, stored: StoredFile) -> StreamingResponse:
    """Return the answer that sends a file, read piece by piece.

    Args:
        office: Where it is stored.
        stored: The file.
    """
    content = files.opened(office.database, office.settings, stored)
    first = content.read(PIECE)  # what is wrong with it is told before the answer begins
    headers = {"Content-Disposition": disposition(stored.label), "Content-Length": str(stored.size)}
    return StreamingResponse(_pieces(first, content), headers=headers, media_type=MEDIA_TYPE)


def disposition(label: str) -> str:
    """Return the header that has a browser save a file under its name (RFC 6266), in any letters (RFC 5987)."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", label)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(label, safe='')}"


def _pieces(first: bytes, content: BinaryIO) -> Iterator[bytes]:
    with content:
        piece = first
        while piece:
            yield piece
            piece = content.read(PIECE)
