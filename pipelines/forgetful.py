"""An event log that keeps nothing: what a command ran has its report, and storing costs more than building."""

from typing import Any

import dagster as dg
from dagster._core.storage.event_log.in_memory import InMemoryEventLogStorage


class ForgetfulEventLog(InMemoryEventLogStorage):
    """Take events and keep none; whoever executes a run gets them as they come."""

    def store_event(self, event: Any) -> None:
        """Keep nothing."""


def forgetful_instance() -> dg.DagsterInstance:
    """Give an instance in memory, for one run: nothing of it is on a disk, which may be full, and no event is kept."""
    instance = dg.DagsterInstance.ephemeral()
    log = ForgetfulEventLog()
    log.register_instance(instance)
    instance._event_storage = log
    return instance
