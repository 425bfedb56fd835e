"""Celery as the fleet: its workers run what is due, on the Redis or RabbitMQ that a team has already."""

from process_manager.fleet.install import install

__all__ = ["install"]
