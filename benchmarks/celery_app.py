"""The Celery app of tests, proofs and figures: the variable FLEET says what its broker and its options are."""

from __future__ import annotations

import json
import os
from datetime import timedelta

from celery import Celery

from process_manager import fleet

_told = json.loads(os.environ["FLEET"])

app = Celery("fleet", broker=_told["broker"])
app.conf.update(broker_connection_retry_on_startup=True, worker_send_task_events=False, **_told["conf"])
fleet.install(app, cap=_told["cap"], tick=timedelta(seconds=_told["tick"]), again=timedelta(seconds=_told["again"]))
