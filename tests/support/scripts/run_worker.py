"""A worker in a process of its own: `run_worker.py FOLDER lease=SECONDS until_empty=1`. SIGTERM drains it."""

import signal
import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from crashing_steps import ALL
from rig import Three, open_database, worker
from traced_steps import Long, Posting

options = dict(word.split("=", 1) for word in sys.argv[2:])
made = worker(
    open_database(Path(sys.argv[1])),
    Long,
    Posting,
    Three,
    *ALL,
    lease=timedelta(seconds=float(options.get("lease", 90))),
    grace=timedelta(seconds=float(options.get("grace", 10))),
    until_empty="until_empty" in options,
)
signal.signal(signal.SIGTERM, lambda *_: made.stop())
made.run()
