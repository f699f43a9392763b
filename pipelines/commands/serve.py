"""`pumpurs serve` and `pumpurs dagster`: what people look at, on this machine."""

import os
import sys
from pathlib import Path

from assets.home import Home, write_text
from pipelines.errors import DONE, UsageError
from pipelines.settings import settings


def command(folder: Path | None, port: int) -> int:
    """Serve the current release to browsers on this machine."""
    import uvicorn

    from dashboards.serving import create_app

    home = settings().home_folder(folder)
    if not (home.releases / "current").exists():
        raise UsageError(f"{home.releases} holds no release yet; run `pumpurs run` first")
    print(f"http://127.0.0.1:{port}/lv/", file=sys.stderr)
    uvicorn.run(create_app(home.releases), host="127.0.0.1", port=port, access_log=False, log_level="warning")
    return DONE


def prepare_dagster(home: Home) -> Path:
    """Give the Dagster UI a place for its history, with telemetry off."""
    home.prepare()
    # One run at a time: the warehouse has one writer.
    one_run = "concurrency:\n  runs:\n    max_concurrent_runs: 1\n"
    quiet = "telemetry:\n  enabled: false\nnux:\n  enabled: false\n"
    write_text(home.root / "dagster" / "dagster.yaml", quiet + one_run)
    return home.root / "dagster"


def dagster_command(folder: Path | None, port: int) -> int:
    """Start the Dagster UI on the graph that workspace.yaml names."""
    home = settings().home_folder(folder)
    os.environ |= {"DAGSTER_HOME": str(prepare_dagster(home)), "PUMPURS_HOME": str(home.root)}
    workspace = Path(__file__).parents[2] / "workspace.yaml"
    program = Path(sys.executable).parent / "dagster"
    os.execv(program, [str(program), "dev", "--workspace", str(workspace), "--port", str(port)])
    return DONE
