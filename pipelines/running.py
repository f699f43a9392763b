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


def run(home: Home, as_of: str, known_on: str) -> dg.ExecuteInProcessResult:
    """Execute the job on a home folder; the result tells success and events.

    The run's own events stay in memory: 1,700 of them, each a commit of the history database, would cost a quarter of
    a minute. What the UI shows of a table, its newest materialisation, is reported to the history afterwards.
    """
    home.prepare()
    recorder.stages.clear()
    job = defs.resolve_job_def("weekly")
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(
            run_config=run_config(as_of, known_on), resources=resources(home), instance=instance, raise_on_error=False
        )
