"""The code location: layers, checks, resources, jobs. `dagster dev` reads it through workspace.yaml."""

import dagster as dg

from assets import core, listed, published, raw, risk
from pipelines.jobs import jobs, resources, schedules, sensors

defs = dg.Definitions(
    assets=dg.load_assets_from_modules([raw, core, risk, listed, published]),
    resources=resources(),
    jobs=jobs,
    schedules=schedules,
    sensors=sensors,
    executor=dg.in_process_executor,
)
