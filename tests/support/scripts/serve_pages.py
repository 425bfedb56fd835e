"""A web server: `serve_pages.py FOLDER die=N` serves, and is killed before the Nth commit of a wave of a batch."""

import itertools
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bills import KNOWN
from rig import open_database, settings

from process_manager.store import batches
from process_manager.web import server
from process_manager.web.office import Office

options = dict(word.split("=") for word in sys.argv[2:])
waves = itertools.count(1)
note = batches.note


def noted(*given: Any) -> None:
    """Write what became of a wave, unless this is the end."""
    note(*given)
    if next(waves) == int(options["die"]):
        os.kill(os.getpid(), signal.SIGKILL)


batches.note = noted
running = server.made(Office.of(settings(), open_database(Path(sys.argv[1])), KNOWN))
running.run([socket.create_server(("127.0.0.1", 0))])
