import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml

from data_contracts.contract import load
from models.delivery import parse_delivery
from models.public_format.imported import ImportRefused
from models.public_format.oulad import KEYS
from models.public_format.oulad_source import LOG_ROWS
from pipelines.importing import folder
from pipelines.importing.oulad import import_oulad
from pipelines.importing.report import ImportReport
from tests.oulad_world import world
from tests.promises import broken_promises
from tests.public_data import public_data

CSV = {"municipality", "institution", "calendar_day", "pupil", "enrolment"}
CLICKS = "student_daily_clicks.parquet"


@pytest.fixture
def src(tmp_path: Path) -> Path:
    """Write a small course as it is published: `?` for a missing value."""
    folder = tmp_path / "published"
    folder.mkdir()
    students = [{"id_student": 7}, {"id_student": 8, "final_result": "Withdrawn", "date_unregistration": 16}]
    works = [{"id_assessment": 1}, {"id_assessment": 2, "date": None, "assessment_type": "Exam"}]
    results = [(1, 7, 13, 50.0), (1, 99, 9, 70.0), (2, 7, 27, None)]
    tables = world(students, works, results, [(7, 2), (8, 9), (8, -1)], range(29))
    tables.pop("clicks").drop(LOG_ROWS).write_parquet(folder / CLICKS)
    for name, table in tables.items():
        table.write_csv(folder / f"{name}.csv", null_value="?", float_precision=0)
    return folder


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportReport]:
    src = public_data("oulad")
    dest = tmp_path_factory.mktemp("delivery") / "2013-2014"
    return dest, import_oulad(src, dest)


def columns_of(path: Path) -> list[str]:
    return pl.read_parquet(path).columns if path.suffix == ".parquet" else pl.read_csv(path).columns


def test_a_delivery_folder_holds_one_file_a_dataset_and_its_note(src: Path, tmp_path: Path):
    dest = tmp_path / "landing/oulad/first"
    report = import_oulad(src, dest)
    files = {f"{name}.{'csv' if name in CSV else 'parquet'}" for name in KEYS}
    assert {path.name for path in dest.iterdir()} == files | {"delivery.yaml"}
    for name in files:
        assert columns_of(dest / name) == list(load(f"raw.{Path(name).stem}").column_names)
    assert report.rows_written == {
        "municipality": 1, "institution": 1, "calendar_day": 5, "pupil": 3, "enrolment": 3, "attendance": 10, "mark": 4,
    }  # fmt: skip
    assert broken_promises(dest) == {}


def test_the_note_says_what_the_door_must_know(src: Path, tmp_path: Path):
    dest = tmp_path / "first"
    report = import_oulad(src, dest)
    note = parse_delivery(dest.name, yaml.safe_load((dest / "delivery.yaml").read_text(encoding="utf-8")))
    assert (note.delivery_id, note.source) == ("oulad.first", "oulad")
    assert report.delivered_on == note.delivered_on.isoformat() == "2013-10-31T06:00:00+00:00"
    assert {dataset.dataset: dataset.shape for dataset in note.notes} == {
        name: "roll" if name == "attendance" else None for name in KEYS
    }
    assert {(n.mode, n.date_from, n.date_to, n.schools) for n in note.notes} == {
        ("full", date(2012, 1, 1), date(2013, 10, 30), ())
    }


def test_the_report_accounts_for_every_row_of_every_file(src: Path, tmp_path: Path):
    told = json.loads(json.dumps(import_oulad(src, tmp_path / "first").as_dict()))
    assert told["rows_read"] == {
        "courses.csv": 1, "assessments.csv": 2, "studentInfo.csv": 3, "studentRegistration.csv": 3,
        "studentAssessment.csv": 3, CLICKS: 32,
    }  # fmt: skip
    for file, read in told["rows_read"].items():
        assert told["rows_used"][file] + sum(told["rows_left_out"][file].values()) == read
    assert told["rows_left_out"]["studentAssessment.csv"] == {"no score: the mark stays missing": 1}


def test_the_same_tables_make_the_same_bytes(src: Path, tmp_path: Path):
    first, second = tmp_path / "a/x", tmp_path / "b/x"
    assert import_oulad(src, first) == import_oulad(src, second)
    assert [p.read_bytes() for p in sorted(first.iterdir())] == [p.read_bytes() for p in sorted(second.iterdir())]


@pytest.mark.parametrize("missing", ["", "?"])
def test_other_spellings_of_the_same_tables_make_the_same_delivery(src: Path, tmp_path: Path, missing: str):
    expected = import_oulad(src, tmp_path / "a/x").rows_written
    log = pl.read_parquet(src / CLICKS)
    pl.concat([log.with_columns(id_site=site, sum_click=2) for site in (5, 6)]).write_csv(src / "studentVle.csv")
    (src / CLICKS).unlink()
    table = pl.read_csv(src / "studentRegistration.csv", null_values="?")
    days = pl.col("date_registration", "date_unregistration").cast(pl.Float64)
    table.with_columns(days).select(reversed(table.columns)).write_csv(
        src / "studentRegistration.csv", null_value=missing
    )
    report = import_oulad(src, tmp_path / "b/x")
    assert report.rows_written == expected
    assert report.rows_read["studentVle.csv"] == 2 * 32
    for name in KEYS:
        file = folder.file_name(name)
        assert (tmp_path / "a/x" / file).read_bytes() == (tmp_path / "b/x" / file).read_bytes()


def test_missing_files_are_named_all_at_once(src: Path, tmp_path: Path):
    (src / "courses.csv").unlink()
    (src / CLICKS).unlink()
    with pytest.raises(
        ImportRefused, match=rf"^courses\.csv, {CLICKS}: not in the source folder \(2 of 6 files\); take"
    ):
        import_oulad(src, tmp_path / "x")
    with pytest.raises(ImportRefused, match=r"\(6 of 6 files\)"):
        import_oulad(tmp_path / "nowhere", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def _edited(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ("file", "edit", "message"),
    [
        ("studentInfo.csv", _edited("region", "area"), r"1 columns are missing, region; take"),
        ("studentRegistration.csv", _edited("-9", "nine"), r"3 values of date_registration are not the numbers"),
        ("studentRegistration.csv", _edited("-9", "-9.5"), r"3 values of date_registration are not the numbers"),
        ("studentAssessment.csv", _edited("70", "nan"), r"1 values of score are not the numbers"),
        ("studentInfo.csv", _edited("Withdrawn", "?"), r"1 values of final_result are empty, which may not be"),
        ("studentInfo.csv", lambda text: text + text.splitlines()[1] + "\n", r"1 rows repeat the key code_module, "),
        ("studentInfo.csv", _edited("Pass", "Deferred"), r"final_result must be .* \(2 found\); take"),
        ("courses.csv", lambda text: "", r"it cannot be read \(NoDataError\); take"),
        ("studentInfo.csv", lambda text: text.splitlines()[0] + "\n", r"0 of its 0 students belong to a cohort; take"),
    ],
)
def test_what_is_not_as_published_is_refused_by_file_count_and_rule(
    src: Path, tmp_path: Path, file: str, edit: Callable[[str], str], message: str
):
    (src / file).write_text(edit((src / file).read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ImportRefused, match=rf"^{file}: .*{message}") as refusal:
        import_oulad(src, tmp_path / "x")
    assert not any(value in str(refusal.value) for value in ("nine", "9.5", "Deferred", "Wales"))
    assert not (tmp_path / "x").exists()


def test_a_broken_click_file_is_refused(src: Path, tmp_path: Path):
    (src / CLICKS).write_bytes(b"PAR1 cut off")
    with pytest.raises(ImportRefused, match=rf"^{CLICKS}: it cannot be read \(ComputeError\); take"):
        import_oulad(src, tmp_path / "x")


def test_a_delivery_that_is_there_is_never_overwritten(src: Path, tmp_path: Path):
    import_oulad(src, tmp_path / "x")
    with pytest.raises(ImportRefused, match=r"^x: the folder already holds a delivery; name a new folder$"):
        import_oulad(src, tmp_path / "x")
    with pytest.raises(ImportRefused, match=r"^published: the folder already holds 6 other files; name a new folder$"):
        import_oulad(src, src)
    with pytest.raises(ImportRefused, match=r"^courses\.csv: it is a file; name a new folder$"):
        import_oulad(src, src / "courses.csv")
    with pytest.raises(ImportRefused, match="the folder name may hold letters, digits"):
        import_oulad(src, tmp_path / "x y")


def test_an_import_that_stops_half_way_is_no_delivery_and_can_be_done_again(
    src: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(temporary: Path, final: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(folder, "swap_in", full)
        with pytest.raises(ImportRefused, match=r"^x: the folder cannot be written \(No space left on device\); name"):
            import_oulad(src, tmp_path / "x")
    assert not (tmp_path / "x/delivery.yaml").exists()
    import_oulad(src, tmp_path / "x")
    assert not [path for path in (tmp_path / "x").iterdir() if path.name.startswith(".")]


def test_the_public_data_keep_every_promise_of_a_delivery(shared: tuple[Path, ImportReport]):
    assert broken_promises(shared[0]) == {}


def test_the_public_data_are_accounted_for_to_the_row(shared: tuple[Path, ImportReport]):
    report = shared[1]
    assert report.rows_read == {
        "courses.csv": 15, "assessments.csv": 149, "studentInfo.csv": 21333, "studentRegistration.csv": 21333,
        "studentAssessment.csv": 121738, CLICKS: 171512,
    }  # fmt: skip
    unregistered = {"unregistered on day 0 or before": 2200}  # 2,192 Withdrawn, 8 Fail
    assert report.rows_left_out == {
        "courses.csv": {},
        "assessments.csv": {"no mark came of it: no result that can be used": 12},
        "studentInfo.csv": unregistered,
        "studentRegistration.csv": unregistered,
        "studentAssessment.csv": {
            "banked: carried over from an earlier presentation": 1129,
            "no score: the mark stays missing": 130,
            "student in no cohort": 41,
        },
        CLICKS: {
            "before day 0": 8335,
            "in a week not wholly inside the enrolment": 428,
            "in a week that is not whole in the course and in the log": 656,
            "student in no cohort": 317,
        },
    }  # fmt: skip
    assert report.rows_written == {
        "municipality": 13, "institution": 191, "calendar_day": 6952, "pupil": 18758, "enrolment": 19133,
        "attendance": 94095, "mark": 169235,
    }  # fmt: skip


def test_the_public_data_end_as_their_results_say(shared: tuple[Path, ImportReport]):
    # 8,068 Pass + 1,860 Distinction; 5,075 Fail - 8 by day 0; 6,330 Withdrawn = 2,192 by day 0 + 4,132 + 6.
    dest, report = shared
    statuses = pl.read_csv(dest / "enrolment.csv")["exit_status"].value_counts()
    assert dict(statuses.iter_rows()) == {
        "absolvējis": 9928, "nav sekmīgs": 5067, "pārtraucis mācības": 4138,
    }  # fmt: skip
    assert {note: number for note, number in report.notes.items() if number < 7} == {
        "no date of registration: entry on day 0": 6,
        "withdrawn without a date: the end is not known": 6,
        "unregistered but not withdrawn: kept to the end of the course": 1,
        "withdrawn after the end of the course: kept at that date": 1,
    }


def test_the_public_clicks_make_lessons_only_where_they_are_complete(shared: tuple[Path, ImportReport]):
    rolls = pl.read_parquet(shared[0] / "attendance.parquet")
    presentation = pl.col("school_reg_no").str.slice(0, 8).alias("presentation")
    weeks = rolls.group_by(presentation).agg(
        pl.col("lesson_date").n_unique().alias("weeks"), pl.col("lesson_date").max(), pl.col("code").count()
    )
    assert sorted(weeks.rows()) == [
        ("88011310", 38, date(2014, 6, 23), 3234),  # AAA 2013J
        ("88021302", 34, date(2013, 9, 26), 19286),  # BBB 2013B
        ("88021310", 19, date(2014, 2, 10), 12829),  # BBB 2013J, of which the log ends after day 132
    ]


def test_the_public_marks_and_missing_works_are_counted(shared: tuple[Path, ImportReport]):
    marks, notes = pl.read_parquet(shared[0] / "mark.parquet"), shared[1].notes
    assert marks.filter(pl.col("mark_text") == "nv").height == 48797
    assert notes["works not handed in (nv), a mark came later"] == 10511
    assert notes["works not handed in (nv), no mark came"] == 38286
    assert notes["marks from before the entry: kept at their date"] == 88
    assert notes["marks from after the end of the enrolment: kept at their date"] == 210
