"""The yardstick's task with the product's own SQL: raw rows to 63 measures of twelve days, models, ranked lists."""

import argparse
import importlib
import json
import resource
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from assets.queries import query_of
from assets.warehouse import plan_plainly
from bench.yardstick_features import FEATURES
from data_contracts.contract import load
from data_contracts.expectations import judge
from data_contracts.profile import profile_query

TRAIN = [date(2024, 9, 30) + timedelta(weeks=4 * i) for i in range(6)]
TEST = [date(2025, 9, 29) + timedelta(weeks=4 * i) for i in range(6)]
LABEL_DAYS = 84
SLICE_ROWS = 12_000_000
STAND = date(2026, 5, 25)
BEFORE_ATTENDANCE = (
    "core.attendance_code", "core.pupil_identity", "core.pupil", "core.enrolment",
    "core.school_day", "core.school_semester", "risk.school_day_week", "risk.policy_parameter",
)  # fmt: skip
AFTER = (
    "risk.pupil_week_cohort", "risk.pupil_week_attendance_window", "risk.pupil_week_mark_window",
    "risk.pupil_week_outcome",
)  # fmt: skip


class Yardstick:
    """One run of the task: laps in wall and CPU seconds, checks if asked for."""

    def __init__(self, data: Path, out: Path, checks: bool) -> None:
        self.data, self.out, self.checks = data, out, checks
        self.laps: dict[str, float] = {}
        self.laps_cpu: dict[str, float] = {}
        out.mkdir(parents=True, exist_ok=True)
        settings: Any = {"threads": 2, "memory_limit": "4GB", "temp_directory": str(out / "spill")}
        self.connection = duckdb.connect(config=settings | {"preserve_insertion_order": False})
        plan_plainly(self.connection)

    @contextmanager
    def lap(self, name: str) -> Iterator[None]:
        """Add what is done here to a lap."""
        begun, cpu = time.perf_counter(), time.process_time()
        yield
        self.laps[name] = round(self.laps.get(name, 0) + time.perf_counter() - begun, 3)
        self.laps_cpu[name] = round(self.laps_cpu.get(name, 0) + time.process_time() - cpu, 3)

    def build(self, key: str, add: bool = False) -> None:
        """Make a table from the product's query, or add to it, and judge it by its contract if asked."""
        contract = load(key)
        typed = ", ".join(f"{c.name}::{c.type} as {c.name}" for c in contract.columns)
        made = f"insert into {key} by name" if add else f"create or replace table {key} as"
        with self.lap(key):
            self.connection.execute(f"{made} select {typed} from ({query_of(key)}) as built")
        if self.checks:
            self.judge(key)

    def judge(self, key: str) -> None:
        """Hold a table against its contract, but for references to tables that the task does not have."""
        contract = load(key)
        with self.lap(f"checks of {key}"):
            result = self.connection.execute(profile_query(contract))
            names = [d[0] for d in result.description or []]
            verdicts = judge(contract, dict(zip(names, result.fetchall()[0], strict=True)))
        broken = [v.rule for v in verdicts if not v.passed]
        if broken:
            raise SystemExit(f"{key} breaks its contract: {', '.join(broken)}")

    def attendance_slices(self) -> Iterator[str]:
        """Group the attendance files so that a slice's pupil-days fit in little memory."""
        rows = self.connection.execute(
            "select file_name, sum(num_rows)::bigint from (select distinct file_name, row_group_id,"
            f" row_group_num_rows as num_rows from parquet_metadata('{self.data}/attendance/*.parquet'))"
            " group by file_name order by file_name"
        ).fetchall()
        group, held = [], 0
        for name, count in rows:
            if group and held + count > SLICE_ROWS:
                yield ", ".join(group)
                group, held = [], 0
            group.append(f"'{name}'")
            held += count
        yield ", ".join(group)


def as_of_days(count: int) -> list[date]:
    """Return the task's twelve days, or as many Mondays, half of them in each school year."""
    if count == len(TRAIN + TEST):
        return TRAIN + TEST
    return [first + timedelta(weeks=n) for first in (TRAIN[0], TEST[0]) for n in range(count // 2)]


def prepare(run: Yardstick, as_of: list[date]) -> None:
    """Show the yardstick's files as the raw tables the product's queries read."""
    with run.lap("setup"):
        for statement in (Path(__file__).parent / "yardstick.sql").read_text(encoding="utf-8").split(";\n"):
            run.connection.execute(statement.replace("{data}", str(run.data)))
        anchor = STAND - timedelta(weeks=5200)
        days = [(day, (day - anchor).days // 7, day.strftime("%Y-%m")) for day in as_of]
        run.connection.execute("insert into risk.stand values (?, ?, ?, ?)", [STAND, STAND, STAND, anchor])
        run.connection.executemany("insert into risk.as_of_date values (?, ?, ?, false, false)", days)


def measure(run: Yardstick) -> None:
    """Build every table from the raw rows to the windows."""
    for key in BEFORE_ATTENDANCE:
        run.build(key)
    for number, files in enumerate(run.attendance_slices()):
        run.connection.execute(
            "create or replace view raw.attendance as select pupil_key, school_reg_no, lesson_date, lesson_no, code,"
            f" source, shape from yardstick.attendance([{files}])"
        )
        run.build("core.pupil_day_attendance")
        run.build("risk.pupil_week_attendance", add=number > 0)
    run.connection.execute("drop table core.pupil_day_attendance")
    for key in (
        "core.mark_text",
        "core.period_mark_text",
        "core.mark_form",
        "core.named_work",
        "core.pupil_subject_mark",
        "risk.pupil_week_mark",
    ):
        run.build(key)
    run.connection.execute("drop table core.pupil_subject_mark")
    for key in AFTER:
        run.build(key)
    with run.lap("write_features"):
        run.connection.execute(f"copy ({FEATURES}) to '{run.out}/features.parquet' (format parquet, compression zstd)")


def learn(run: Yardstick) -> None:
    """Fit both models of the task on the training days, score the test days, write the ranked lists."""
    with run.lap("train"):
        import numpy as np
        import polars as pl
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        features = pl.read_parquet(run.out / "features.parquet").sort("as_of", "pupil_id")
        names = [c for c in features.columns if c not in ("pupil_id", "as_of", "split", "label")]
        values = features.select(names).to_numpy().astype(np.float32)
        label, is_train = features["label"].to_numpy(), (features["split"] == "train").to_numpy()
        trees = HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=150, max_leaf_nodes=15, min_samples_leaf=50, l2_regularization=1.0,
            early_stopping=False, random_state=0,
        )  # fmt: skip
        line = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
        models = {"hgb": trees, "logreg": line}
        for model in models.values():
            model.fit(values[is_train], label[is_train])
    with run.lap("evaluate"):
        tested = features.filter(pl.col("split") == "test").select("pupil_id", "as_of", "label")
        ranked = [
            tested.with_columns(
                model=pl.lit(name), score=pl.Series(model.predict_proba(values[~is_train])[:, 1].astype(np.float64))
            ).with_columns(rank=pl.col("score").rank("ordinal", descending=True).over("as_of").cast(pl.Int32))
            for name, model in models.items()
        ]
        pl.concat(ranked).write_parquet(run.out / "predictions.parquet")


def stages(laps: dict[str, float]) -> dict[str, float]:
    """Sum laps to the task's stages."""
    after = {name: laps.get(name, 0.0) for name in ("train", "evaluate")}
    checks = sum(seconds for name, seconds in laps.items() if name.startswith("checks of "))
    features = sum(laps.values()) - sum(after.values()) - checks - laps.get("import_expectations", 0.0)
    return {"load": 0.0, "features": round(features, 2), "checks": round(checks, 2), **after}


def main() -> None:
    """Run the task and write features.parquet, predictions.parquet and result.json."""
    asked = argparse.ArgumentParser(prog="bench/yardstick", description=__doc__)
    asked.add_argument("data", type=Path)
    asked.add_argument("out", type=Path)
    asked.add_argument("--features-only", action="store_true")
    asked.add_argument("--days", type=int, default=len(TRAIN + TEST), help="as-of days; the task has 12")
    asked.add_argument("--checks", action="store_true", help="hold every table against its contract, too")
    chosen = asked.parse_args()
    run = Yardstick(chosen.data, chosen.out, chosen.checks)
    if chosen.checks:
        # Great Expectations takes three seconds to import: a cost of the process, told apart from that of checking.
        with run.lap("import_expectations"):
            importlib.import_module("great_expectations")
    prepare(run, as_of_days(chosen.days))
    measure(run)
    if not chosen.features_only:
        learn(run)
    counted = f"select count(*), sum(label) from '{run.out}/features.parquet'"
    rows, positives = run.connection.execute(counted).fetchall()[0]
    shutil.rmtree(run.out / "spill", ignore_errors=True)
    result = {
        "tool": "pumpurs", "duckdb": duckdb.__version__, "threads": 2, "rows": rows, "positives": int(positives),
        "laps": run.laps, "laps_cpu": run.laps_cpu, "stages": stages(run.laps), "stages_cpu": stages(run.laps_cpu),
        "total": round(sum(run.laps.values()), 2),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
    (run.out / "result.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(
        json.dumps(
            {k: result[k] for k in ("rows", "positives", "laps", "stages", "stages_cpu", "total", "peak_rss_mb")}
        )
    )


if __name__ == "__main__":
    main()
