"""Run many steps: claim what is due, run it on a pool of threads, record what came of it, keep the leases."""

from process_manager.worker.loop import Worker
from process_manager.worker.plan import Plan

__all__ = ["Plan", "Worker"]
