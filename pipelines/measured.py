"""Whom the indicators find in the invented country of `pumpurs demo`: made here, kept beside the pages, shown there."""

import io
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

PLACE = "docs/measured/indicator_evaluation.csv"


def measured(folder: Path) -> str:
    """Make the country in a folder, run on it, and return the evaluation of its indicators as CSV."""
    from assets.warehouse import Warehouse
    from pipelines import cli
    from pipelines.commands.demo import STANDS_ON, deliver
    from pipelines.commands.run import run
    from pipelines.settings import settings
    from pipelines.weekly import Clocks

    home = settings().home_folder(folder)
    usual = signature(cli.demo).parameters
    deliver(home, usual["pupils"].default, usual["seed"].default)
    report = run(home, Clocks(STANDS_ON, None))
    if not report["success"]:
        raise RuntimeError(f"the run on the invented country failed: {report['failures']}")
    table = Warehouse(home).query("select * from risk.indicator_evaluation order by indicator, version")
    return table.with_columns(pl.col(pl.Float64).round(6)).write_csv()


def write_measured(root: Path) -> None:
    """Measure anew and write the CSV below the repository's root."""
    with TemporaryDirectory() as folder:
        text = measured(Path(folder) / "home")
    path = root / PLACE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def read_measured(root: Path) -> pl.DataFrame:
    """Read what was measured last."""
    return pl.read_csv(io.StringIO((root / PLACE).read_text(encoding="utf-8")), infer_schema_length=None)
