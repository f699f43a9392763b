"""An event log that keeps nothing: what a command ran has its report, and storing costs more than building."""

from typing import Any

from dagster._core.storage.event_log.in_memory import InMemoryEventLogStorage

# What Dagster is told to use: https://docs.dagster.io/deployment/oss/dagster-yaml, event_log_storage.
OVERRIDES = {
    "event_log_storage": {"module": "pipelines.forgetful", "class": "ForgetfulEventLog", "config": {}},
    "telemetry": {"enabled": False},
}


class ForgetfulEventLog(InMemoryEventLogStorage):
    """Take events and keep none; whoever executes a run gets them as they come."""

    def store_event(self, event: Any) -> None:
        """Keep nothing."""
