"""Run the weekly job in this process and leave a report of what ran."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dagster as dg

from assets.home import Home, write_text
from assets.stage import recorder
from pipelines.definitions import defs
from pipelines.jobs import resources, run_config


def _instance(home: Home) -> dg.DagsterInstance:
    """Keep the history of runs in the home folder, where `dagster dev` shows it; telemetry off."""
    folder = home.root / "dagster"
    if not (folder / "dagster.yaml").exists():
        write_text(folder / "dagster.yaml", "telemetry:\n  enabled: false\n")
    return dg.DagsterInstance.from_config(str(folder))


def run(home: Home, as_of: str, known_on: str) -> dg.ExecuteInProcessResult:
    """Execute the job on a home folder; the result tells success and events."""
    home.prepare()
    recorder.stages.clear()
    job = defs.resolve_job_def("weekly")
    with _instance(home) as instance:
        return job.execute_in_process(
            run_config=run_config(as_of, known_on), resources=resources(home), instance=instance, raise_on_error=False
        )
