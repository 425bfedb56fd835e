"""Children of a worker that a test kills: `run_children.py FOLDER`. Each line of its `jobs` is what one step does."""

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from child_pool import Nursery

folder = Path(sys.argv[1])
nursery = Nursery()
threads = [
    threading.Thread(target=nursery.run, args=(what,), kwargs={"file": str(folder / what)})
    for what in (folder / "jobs").read_text("utf-8").split()
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
(folder / "ended").touch()
threading.Event().wait()
