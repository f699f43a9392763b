"""A school without data: known as such in every table, list and published count, and never as a school without risk."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assets import core, listed, risk
from assets.coverage import Coverage, coverage
from assets.home import Home
from assets.issued import RUN, issue
from assets.opening import kept_open
from assets.publication import Publication
from assets.release import Site, release
from assets.stand import Days
from assets.told import tell_weeks
from tests.assets.kit import Country, code_of, enrolment, institution, municipality, pupil

WHOLE, SILENT, NO_CALENDAR, HALF = "4112900001", "4112900002", "4112900003", "4112900004"
PLACES = dict(zip((WHOLE, SILENT, NO_CALENDAR, HALF), ("LV00100", "LV00200", "LV00300", "LV00400"), strict=True))
PUPILS = 30
AS_OF, KNOWN_ON = date(2024, 10, 21), date(2024, 10, 20)
DAYS = [day for n in range(49) if (day := date(2024, 9, 2) + timedelta(n)).weekday() < 5]
# What needs the whole history of a country, or a model, has no part in this.
LEFT_OUT = (
    "risk.stand",
    "risk.pupil_week_score",
    "risk.model_evaluation",
    "risk.pupil_week_outcome",
    "risk.indicator_week_count",
    "risk.indicator_evaluation",
    "risk.support_effect",
)


def members(school: str) -> range:
    first = 1 + PUPILS * list(PLACES).index(school)
    return range(first, first + PUPILS)


def attended(school: str, pupils: range, days: list[date]) -> list[dict[str, Any]]:
    """Return a full roll of two lessons a day, nobody absent."""
    return [
        {"person_code": code_of(n), "school_reg_no": school, "lesson_date": str(day), "lesson_no": lesson, "code": ""}
        for n in pupils
        for day in days
        for lesson in (1, 2)
    ]


def marked(school: str) -> list[dict[str, Any]]:
    told = {"school_reg_no": school, "subject_code": "MAT", "work_kind": "pd", "sequence": 1, "mark_text": "7"}
    return [told | {"person_code": code_of(n), "mark_date": str(day)} for n in members(school) for day in DAYS[::2]]


def calendar(school: str) -> list[dict[str, Any]]:
    of_all = {"school_year": "2024/2025", "grade_from": 1, "grade_to": 12, "semester": 1, "kind": "school_day"}
    return [of_all | {"date": str(day), "school_reg_no": school} for day in DAYS]


def deliver(country: Country) -> None:
    """Deliver four schools: whole, silent, without a calendar, and one whose last weeks and half its pupils lack."""
    everybody = [(school, n) for school in PLACES for n in members(school)]
    country.deliver("registers", {
        "municipality": [municipality(code) for code in PLACES.values()],
        "institution": [institution(school, code) for school, code in PLACES.items()],
        "calendar_day": [row for school in (WHOLE, SILENT, HALF) for row in calendar(school)],
        "pupil": [pupil(n) for _, n in everybody],
        "enrolment": [enrolment(n, school, entry_date="2024-09-02") for school, n in everybody],
    }, on="2024-09-01")  # fmt: skip
    roll = {"attendance": {"shape": "roll"}}
    for week in range(7):
        days = DAYS[5 * week : 5 * week + 5]
        rows = attended(WHOLE, members(WHOLE), days) + attended(NO_CALENDAR, members(NO_CALENDAR), days)
        rows += attended(HALF, members(HALF), days) if week < 4 else []
        rows += attended(HALF, members(HALF)[:5], days) if week == 4 else []
        country.deliver(f"week-{week}", {"attendance": rows}, on=str(days[-1] + timedelta(2)), notes=roll)
    marks = [row for school in (WHOLE, NO_CALENDAR, HALF) for row in marked(school)]
    country.deliver("marks", {"mark": marks}, on="2024-10-20")


def tables(*modules: Any) -> list[str]:
    found = [
        asset.key.to_user_string().replace("/", ".")
        for m in modules
        for asset in vars(m).values()
        if hasattr(asset, "key")
    ]
    return [key for key in found if key not in LEFT_OUT]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Give the four schools, everything built that does not ask for a model."""
    root = tmp_path_factory.mktemp("completeness")
    country = Country(Home(root / "home", root / "secrets"))
    country.home.prepare()
    deliver(country)
    country.take_in(known_on=KNOWN_ON)
    build_all(country)
    return country


@kept_open()
def build_all(country: Country) -> None:
    country.warehouse.store("risk.stand", Days(AS_OF, KNOWN_ON).frame())
    for key in tables(core, risk, listed):
        country.warehouse.build(key)


def states(country: Country, school: str, dataset: str = "attendance") -> list[str]:
    rows = country.query(
        "select state from risk.school_week_completeness where school_reg_no = $school and dataset = $dataset"
        " order by week_starts_on",
        school=school,
        dataset=dataset,
    )
    return [row[0] for row in rows]


def test_each_school_is_what_its_deliveries_are(built: Country):
    assert states(built, WHOLE) == ["complete"] * 7
    assert states(built, SILENT) == ["missing"] * 4 + ["too_early"] * 3
    assert states(built, NO_CALENDAR) == ["no_calendar"] * 7
    assert states(built, HALF) == ["complete"] * 4 + ["small", "too_early", "too_early"]
    assert states(built, SILENT, "mark") == ["missing"] * 4 + ["too_early"] * 3
    assert states(built, WHOLE, "lesson") == ["not_expected"] * 7


@pytest.mark.parametrize("school", [SILENT, NO_CALENDAR])
def test_every_pupil_of_a_school_without_data_is_raised_as_no_data(built: Country, school: str):
    rows = built.query(
        "select indicator, bool_and(is_raised), bool_and(is_no_data), count(*) from risk.pupil_week_indicator"
        " join risk.pupil_week_cohort using (pupil_key, as_of) where school_reg_no = $school and as_of = $as_of"
        " group by indicator order by indicator",
        school=school,
        as_of=AS_OF,
    )
    found = {indicator: (raised, no_data, pupils) for indicator, raised, no_data, pupils in rows}
    assert found["no_data"] == (True, False, PUPILS)
    for indicator in ("absence_4w", "absence_rise", "chronic_absence", "unexcused_10", "unexcused_over_20"):
        assert found[indicator] == (False, True, PUPILS)
    summed = built.query(
        "select bool_and(is_no_data), bool_or(is_at_risk), count(*) from risk.pupil_week_summary"
        " join risk.pupil_week_cohort using (pupil_key, as_of) where school_reg_no = $school and as_of = $as_of",
        school=school,
        as_of=AS_OF,
    )
    assert summed == [(True, False, PUPILS)]


def test_unrecorded_days_are_neither_absence_nor_presence(built: Country):
    rows = built.query(
        "select cohort.school_reg_no, min(lessons_held_year), max(lessons_held_year), max(absence_rate_year),"
        " max(unrecorded_share_4w) from risk.pupil_week_measure as measure"
        " join risk.pupil_week_cohort as cohort using (pupil_key, as_of) where as_of = $as_of"
        " group by cohort.school_reg_no",
        as_of=AS_OF,
    )
    found = {row[0]: row[1:] for row in rows}
    assert found[WHOLE] == (70, 70, 0.0, 0.0)
    assert found[SILENT] == (None, None, None, 1.0)
    assert found[HALF] == (40, 50, 0.0, 0.75), "held are the lessons that were recorded, in five weeks for five pupils"
    assert found[NO_CALENDAR] == (None, None, None, 1.0)


def test_a_published_count_of_what_nobody_knows_is_no_data_and_not_0(built: Country, tmp_path: Path):
    warehouse = built.warehouse
    monthly = warehouse.examine("published.municipality_month_risk")[0].filter(pl.col("period") == "2024-10")
    rows = {row["atvk_code"]: row for row in monthly.to_dicts()}
    if not rows:
        pytest.fail("October closes on its last Monday in school time")
    silent, whole = rows[PLACES[SILENT]], rows[PLACES[WHOLE]]
    assert silent["pupils"] == PUPILS
    assert (silent["pupils_at_risk"], silent["pupils_raised_chronic_absence"]) == (None, None)
    assert (whole["pupils_at_risk"], whole["pupils_raised_chronic_absence"]) == (0, 0)
    release(warehouse, Site(lambda folder: None))
    current = Publication(built.home.releases).current()
    assert current
    table = pl.read_parquet(current.path / "tables" / "municipality_month_risk.parquet")
    told = table.filter((pl.col("period") == "2024-10") & (pl.col("atvk_code") == PLACES[SILENT])).to_dicts()[0]
    assert (told["pupils_at_risk"], told["pupils_at_risk_status"]) == (None, "no_data")
    assert (told["pupils_raised_chronic_absence"], told["pupils_raised_chronic_absence_status"]) == (None, "no_data")


def of_list(country: Country, column: str, code: str) -> Coverage | None:
    return coverage(issue(country.warehouse, AS_OF, KNOWN_ON, RUN), column, code)


def test_the_list_of_a_school_without_data_says_so(built: Country):
    known = of_list(built, "school_reg_no", SILENT)
    assert known
    assert (known.pupils, known.pupils_no_data, known.data_to) == (PUPILS, PUPILS, None)
    first, second = known.remarks
    assert first.startswith(f"NAV DATU / NO DATA: {PUPILS} no / of {PUPILS}.")
    assert second == f"{SILENT}: trūkst / missing: kavējums / attendance, 1 ned. / wk"
    whole = of_list(built, "school_reg_no", WHOLE)
    assert whole
    assert whole.remarks == []
    place = of_list(built, "atvk_code", PLACES[NO_CALENDAR])
    assert place
    assert place.remarks[1] == f"{NO_CALENDAR}: nav kalendāra / no calendar"
    nobody = of_list(built, "school_reg_no", "4112900009")
    assert nobody
    assert nobody.remarks[0].startswith("Nav izglītojamo / no pupils")


def weeks(country: Country, known_on: date) -> list[tuple[Any, ...]]:
    with country.warehouse.connect() as connection:
        tell_weeks(connection, country.home, known_on)
    return country.query(
        "select dataset, school_reg_no, week_starts_on::varchar, first_known_from::varchar from raw.week_told"
        " order by all"
    )


def test_a_week_is_told_of_by_its_first_delivery_whatever_replaces_it(country: Country):
    full = {"attendance": {"mode": "full", "schools": [WHOLE], "from": "2024-09-02", "to": "2024-09-08"}}
    days = DAYS[:5]
    country.deliver("a", {"attendance": attended(WHOLE, range(1, 3), days[:2])}, on="2024-09-09")
    country.deliver("b", {"attendance": attended(WHOLE, range(1, 3), days)}, on="2024-09-20", notes=full)
    country.take_in("attendance")
    assert weeks(country, date(2024, 9, 30)) == [("attendance", WHOLE, "2024-09-02", "2024-09-09")]
    assert weeks(country, date(2024, 9, 8)) == []
    country.deliver("c", {"attendance": attended(WHOLE, range(1, 3), days[:1])}, on="2024-09-06")
    country.take_in("attendance")
    assert weeks(country, date(2024, 9, 30)) == [("attendance", WHOLE, "2024-09-02", "2024-09-06")]
    assert country.query("select count(*) from raw.part_week") == [(3,)]


def test_the_command_says_it_beside_an_empty_list(built: Country, monkeypatch: pytest.MonkeyPatch):
    from typer.testing import CliRunner

    from pipelines.cli import app
    from pipelines.settings import settings

    monkeypatch.setenv("PUMPURS_SECRETS", str(built.home.secrets))
    settings.cache_clear()
    words = ["list", SILENT, "--home", str(built.home.root)]
    shown = CliRunner().invoke(app, [*words, "--format", "csv"])
    assert len(shown.stdout.splitlines()) == 1, "a header and nobody"
    assert f"NAV DATU / NO DATA: {PUPILS} no / of {PUPILS}" in shown.stderr
    assert f'"pupils_no_data": {PUPILS}' in CliRunner().invoke(app, [*words, "--format", "json"]).stdout
    settings.cache_clear()
