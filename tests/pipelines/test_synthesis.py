"""Delivery folders of the invented country: same seed same bytes, every contract kept, nothing ahead of its time."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from data_contracts import contract
from data_contracts.profile import profile_query
from data_contracts.rules import row_rules
from pipelines.synthesis import write_country
from tests.received import DELIVERED, JOURNAL, KEY, columns, count, datasets, digest, manifest, receive

PUPILS, SEED = 330, 5
YEARS = {"roll": 2, "exceptions": 1}
VILLAGE = (60, 1, SEED)
DAYS = (
    ("attendance", "lesson_date"),
    ("attendance", "excused_on"),
    ("mark", "mark_date"),
    ("enrolment", "entry_date"),
    ("enrolment", "exit_date"),
    ("support_plan", "status_on"),
)


@pytest.fixture(scope="module", params=["roll", "exceptions"])
def shape(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def folders(shape: str, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_country(tmp_path_factory.mktemp(shape) / "made", PUPILS, YEARS[shape], SEED, shape)


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Write the smallest interesting country once in either shape."""
    made = tmp_path_factory.mktemp("village")
    return {shape: write_country(made / shape, *VILLAGE, shape) for shape in YEARS}


@pytest.fixture(scope="module")
def db(folders: list[Path]) -> duckdb.DuckDBPyConnection:
    return receive(folders)


# Bytes


def test_same_seed_same_bytes(shape: str, village: dict[str, list[Path]], tmp_path: Path) -> None:
    again = write_country(tmp_path / "again", *VILLAGE, shape)
    assert [f.name for f in again] == [f.name for f in village[shape]]
    assert digest(tmp_path / "again") == digest(village[shape][0].parent)


def test_another_seed_is_another_country(village: dict[str, list[Path]], tmp_path: Path) -> None:
    write_country(tmp_path / "other", VILLAGE[0], VILLAGE[1], SEED + 1, "exceptions")
    assert digest(tmp_path / "other") != digest(village["exceptions"][0].parent)


def test_two_processes_write_what_one_writes(village: dict[str, list[Path]], tmp_path: Path) -> None:
    write_country(tmp_path / "two", *VILLAGE, "roll", processes=2)
    assert digest(tmp_path / "two") == digest(village["roll"][0].parent)


def test_csv_says_the_same_as_parquet(village: dict[str, list[Path]], tmp_path: Path) -> None:
    both = [receive(village["roll"]), receive(write_country(tmp_path / "csv", *VILLAGE, "roll", "csv"))]
    for name in ("attendance", "mark", "period_mark", "enrolment"):
        parquet, csv = (db.execute(f"from sent.{name} order by all").fetchall() for db in both)
        assert parquet == csv
    assert not list(tmp_path.glob("csv/*/*.parquet"))


# Contracts


def test_every_file_has_exactly_the_promised_columns(folders: list[Path]) -> None:
    found = {(name, columns(path)) for folder in folders for name, path in datasets(folder)}
    assert found == {(name, contract.load(f"raw.{name}").column_names) for name, _ in found}


def test_parquet_is_typed_and_text_is_plain(folders: list[Path]) -> None:
    path = next(folder / "attendance.parquet" for folder in folders if (folder / "attendance.parquet").exists())
    types = pl.read_parquet_schema(path)
    assert (types["lesson_date"], types["lesson_no"], types["excused_on"]) == (pl.Date, pl.Int8, pl.Date)
    assert {types[name] for name in ("person_code", "school_reg_no", "subject_code", "code")} == {pl.String}


def test_registers_are_csv_and_the_journal_is_parquet(folders: list[Path]) -> None:
    suffixes = {(name in JOURNAL, path.suffix) for folder in folders for name, path in datasets(folder)}
    assert suffixes == {(True, ".parquet"), (False, ".csv")}


def test_every_promise_is_kept_once_all_is_in(db: duckdb.DuckDBPyConnection, shape: str) -> None:
    for name in DELIVERED:
        if name == "lesson" and shape == "roll":
            continue
        told = db.execute(profile_query(contract.load(f"raw.{name}"))).fetchall()[0]
        assert told[0] > 0, f"{name} is empty"
        assert not any(told[1:]), f"{name} breaks a promise"


def test_every_version_keeps_the_promises_of_a_row(db: duckdb.DuckDBPyConnection, shape: str) -> None:
    for name in DELIVERED:
        if name == "lesson" and shape == "roll":
            continue
        rules = row_rules(contract.load(f"raw.{name}"))
        broken = " or ".join(f"not ({rule.holds})" for rule in rules)
        assert count(db, f"select count(*) from sent.{name} where {broken}") == 0, name


def test_no_delivery_names_a_key_twice(db: duckdb.DuckDBPyConnection, folders: list[Path]) -> None:
    for name in {name for folder in folders for name, _ in datasets(folder)}:
        key = ", ".join(contract.load(f"raw.{name}").natural_key)
        repeated = f"select count(*) from (from sent.{name} select 1 group by delivery, {key} having count(*) > 1)"
        assert count(db, repeated) == 0, name


@pytest.mark.parametrize("name", ["enrolment", "attendance", "mark", "period_mark", "support_plan", "support_measure"])
def test_nothing_is_delivered_before_what_it_refers_to(db: duckdb.DuckDBPyConnection, name: str) -> None:
    for column in contract.load(f"raw.{name}").columns:
        target = column.references
        if target is None or target.table.endswith("_code"):
            continue
        parent = target.table.replace("raw.", "sent.")
        early = (
            f"with child as (select {column.name} as value, min(delivery) as told from sent.{name} group by all),"
            f" parent as (select {target.column} as value, min(delivery) as known from {parent} group by all)"
            " select count(*) from child join parent using (value) where told < known"
        )
        assert count(db, early) == 0, f"{name}.{column.name}"


# Manifests


def test_a_manifest_names_the_files_beside_it(folders: list[Path], shape: str) -> None:
    for folder in folders:
        told = manifest(folder)
        assert set(told["datasets"]) == {name for name, _ in datasets(folder)}
        assert told["source"] == ("viis" if "-viis-" in folder.name else "e-klase")
        assert {dataset["mode"] for dataset in told["datasets"].values()} == {"delta"}
        assert told["datasets"].get("attendance", {"shape": shape})["shape"] == shape


def test_deliveries_arrive_in_order_with_the_time_of_riga(folders: list[Path]) -> None:
    moments = [datetime.fromisoformat(manifest(folder)["delivered_on"]) for folder in folders]
    assert moments == sorted(moments)
    assert {str(moment)[-6:] for moment in moments} == {"+02:00", "+03:00"}
    assert all(folder.name.startswith(str(moment.date())) for folder, moment in zip(folders, moments, strict=True))


@pytest.mark.parametrize(("name", "column"), DAYS)
def test_a_delivery_holds_no_later_day(
    db: duckdb.DuckDBPyConnection, folders: list[Path], name: str, column: str
) -> None:
    newest = db.execute(f"select delivery, max({column})::varchar from sent.{name} group by all").fetchall()
    assert all((day or "") <= manifest(folders[0].parent / folder)["delivered_on"][:10] for folder, day in newest)


@pytest.mark.parametrize(("name", "column"), DAYS[0::2][:2])
def test_days_lie_within_what_the_manifest_says(
    db: duckdb.DuckDBPyConnection, folders: list[Path], name: str, column: str
) -> None:
    spans = db.execute(f"select delivery, min({column})::varchar, max({column})::varchar from sent.{name} group by all")
    for folder, low, high in spans.fetchall():
        said = manifest(folders[0].parent / folder)["datasets"][name]
        assert said["from"] <= low <= high <= said["to"]


# What the rows say


def test_nobody_has_lessons_marks_or_plans_outside_the_enrolment(db: duckdb.DuckDBPyConnection) -> None:
    for name, day in (("attendance", "lesson_date"), ("mark", "mark_date"), ("support_plan", "opened_on")):
        outside = (
            f"select count(*) from raw.{name} as event anti join raw.enrolment as belongs"
            " on event.person_code = belongs.person_code and event.school_reg_no = belongs.school_reg_no"
            f" and event.{day} >= entry_date and (exit_date is null or event.{day} < exit_date)"
        )
        assert count(db, outside) == 0, name


def test_lessons_fall_on_school_days_of_the_grade(db: duckdb.DuckDBPyConnection) -> None:
    off = (
        "select count(*) from raw.attendance join raw.enrolment using (person_code, school_reg_no)"
        " where lesson_date >= entry_date and (exit_date is null or lesson_date < exit_date) and coalesce((select"
        " arg_min(kind, case when day.school_reg_no is null then 1 else 0 end) from raw.calendar_day as day"
        " where day.date = lesson_date and grade between grade_from and grade_to"
        " and (day.school_reg_no is null or day.school_reg_no = enrolment.school_reg_no)), '') <> 'school_day'"
    )
    assert count(db, off) == 0


def test_a_correction_excuses_what_stood_as_n(db: duckdb.DuckDBPyConnection) -> None:
    changed = db.execute(
        "select distinct before.code, before.excused_on, after.code from sent.attendance as after"
        f" join sent.attendance as before using ({KEY}) where after.delivery > before.delivery"
    ).fetchall()
    assert set(changed) == {("n", None, "ns"), ("n", None, "nc")}
    excused, corrected = db.execute(
        "select count(*), count(*) filter (versions > 1) from (select count(*) as versions, arg_max(code, delivery)"
        f" as code from sent.attendance group by {KEY}) where code in ('ns', 'nc')"
    ).fetchall()[0]
    assert 0.42 < corrected / excused < 0.58


def test_excused_on_is_there_for_the_excused_and_nobody_else(db: duckdb.DuckDBPyConnection) -> None:
    assert (
        count(db, "select count(*) from sent.attendance where (code in ('ns', 'nc')) <> (excused_on is not null)") == 0
    )


def test_mark_corrections_keep_the_first_mark(db: duckdb.DuckDBPyConnection) -> None:
    changed = db.execute(
        "select before.mark_text, after.mark_text from sent.mark as after join sent.mark as before using"
        " (person_code, school_reg_no, mark_date, subject_code, work_kind, sequence)"
        " where after.delivery > before.delivery"
    ).fetchall()
    assert {after.split("|")[0] for _, after in changed} >= {"nv", "3"}
    assert all(before.split("(")[0] == after.split("|")[0] for before, after in changed)


def test_period_marks_are_near_the_running_marks(db: duckdb.DuckDBPyConnection) -> None:
    apart = (
        "with running as (select person_code, subject_code, avg(try_cast(mark_text as double)) as mean from raw.mark"
        " where mark_date between '2025-09-01' and '2025-12-31' group by all) select avg(abs(mean - mark_text::double))"
        " from raw.period_mark join running using (person_code, subject_code) where school_year = '2025/2026'"
        " and period = 'semester1' and try_cast(mark_text as double) is not null"
    )
    assert count(db, apart) < 0.6


def test_the_exceptions_are_the_absences_of_the_roll(village: dict[str, list[Path]]) -> None:
    roll, exceptions = (receive(village[shape]) for shape in YEARS)
    absences = f"select {KEY}, code, excused_on from raw.attendance where code is not null order by all"
    assert roll.execute(absences).fetchall() == exceptions.execute(absences).fetchall()
    assert count(exceptions, "select count(*) from raw.attendance where code is null") == 0
    held = (
        "select count(*) from raw.lesson join raw.enrolment on lesson.school_reg_no = enrolment.school_reg_no"
        " and group_label = class_label and lesson_date >= entry_date"
        " and (exit_date is null or lesson_date < exit_date) where is_held"
    )
    assert count(exceptions, held) == count(roll, "select count(*) from raw.attendance")


def test_exit_statuses_are_known_and_appear_in_their_month(db: duckdb.DuckDBPyConnection, shape: str) -> None:
    statuses = {row[0] for row in db.execute("select distinct exit_status from raw.enrolment").fetchall()} - {None}
    assert statuses <= {row[0] for row in db.execute("select exit_status from raw.exit_status_code").fetchall()}
    assert {"absolvējis", "atskaitīts", "pārtraucis mācības"} <= statuses
    assert ("pārcelts" in statuses) == (shape == "roll"), "only another year moves anyone up"
    exits = "select distinct delivery, exit_date from sent.enrolment where exit_date is not null"
    for folder, exit_date in db.execute(exits).fetchall():
        assert 0 <= (date.fromisoformat(folder[:10]) - exit_date).days < 31


# Edges


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"school_years": 3}, ValueError, "1 to 2"),
        ({"pupils": 3}, ValueError, "at least 16"),
        ({"shape": "both"}, ValueError, "roll, exceptions"),
        ({"file_format": "xlsx"}, ValueError, "parquet, csv"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, change: dict, error: type[Exception], says: str) -> None:
    asked = {"pupils": 40, "school_years": 1, "seed": 1, "shape": "roll", "file_format": "parquet"} | change
    with pytest.raises(error, match=says):
        write_country(tmp_path / "made", **asked)
    assert not (tmp_path / "made").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(FileExistsError, match="1 entries"):
        write_country(tmp_path, 40, 1, 1, "roll")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_progress_counts_every_delivery(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    made = write_country(tmp_path / "made", 40, 1, 1, "exceptions", progress=lambda *step: told.append(step))
    assert told == [(folder.name, number, len(made)) for number, folder in enumerate(made, 1)]
