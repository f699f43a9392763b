"""What was learnt, and from what: nothing is learnt again while it would be learnt from the same."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from assets.contents import digest
from assets.slices import built_slices
from assets.warehouse import Warehouse

_RECIPE = tuple(
    f"models/{name}.py" for name in ("calibration", "evaluation", "evaluation_result", "leaving_risk", "ranking")
)
_REMEMBERED = "create table if not exists raw.learnt (table_key varchar, content varchar, said varchar)"
_KNOWN_DAYS = "select as_of from risk.as_of_date where is_month_close and as_of <= $last order by as_of"
# Who left is told by later days than the one it is told of: asked of the rows themselves.
_OUTCOMES = """
    select as_of, sum(hash(pupil_key, left_early)::hugeint)::varchar as said
    from risk.pupil_week_outcome
    semi join (select as_of from risk.as_of_date where is_month_close and as_of <= $last) as known using (as_of)
    group by as_of
"""


def content_of(warehouse: Warehouse, as_of: date, horizon_days: int, tables: tuple[str, ...]) -> str:
    """Hash the recipe and all that is learnt from on a day: tables kept by as-of days, and outcomes known by then."""
    import numpy as np
    import sklearn

    root = Path(__file__).parent.parent
    files = (*_RECIPE, "assets/scoring.py", "data_contracts/risk/model_evaluation.yaml")
    recipe = [(root / name).read_text(encoding="utf-8") for name in files]
    last = {"last": as_of - timedelta(days=horizon_days)}
    with warehouse.connect(read_only=True) as connection:
        days = [day for (day,) in connection.execute(_KNOWN_DAYS, last).fetchall()]
        outcomes = sorted(connection.execute(_OUTCOMES, last).fetchall())
        slices = {key: built_slices(connection, key) for key in tables}
    told = [f"{key} {day} {built.get(day)}" for key, built in slices.items() for day in days]
    libraries = [f"{library.__name__} {library.__version__}" for library in (np, pl, sklearn)]
    return digest(*libraries, *recipe, str(horizon_days), *told, str(outcomes))


def recall(warehouse: Warehouse, key: str, content: str) -> str | None:
    """Return what was said of a table that was made from the same, or None."""
    with warehouse.connect(read_only=True) as connection:
        if not connection.execute("select 1 from duckdb_tables() where table_name = 'learnt'").fetchall():
            return None
        query = "select said from raw.learnt where table_key = $key and content = $content"
        rows = connection.execute(query, {"key": key, "content": content}).fetchall()
    return rows[0][0] if rows else None


def forget(warehouse: Warehouse, key: str) -> None:
    """Take away what was said of a table, before anything else is stored there."""
    with warehouse.connect() as connection:
        connection.execute(_REMEMBERED)
        connection.execute("delete from raw.learnt where table_key = $key", {"key": key})


def remember(warehouse: Warehouse, key: str, content: str, said: str) -> None:
    """Write down what a table was made from."""
    with warehouse.connect() as connection:
        connection.execute(f"begin; {_REMEMBERED}")
        connection.execute("delete from raw.learnt where table_key = $key", {"key": key})
        connection.execute(
            "insert into raw.learnt values ($key, $content, $said)", {"key": key, "content": content, "said": said}
        )
        connection.execute("commit")
