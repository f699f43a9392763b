"""Door two, the support side: how far a school's cases have come, and what waits, for a person whose role covers it."""

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from assets.access_log import log_look
from assets.case_list import NoSuchList, Place, covers, fitting, named, sees_health
from assets.home import Home
from assets.identity import Identity
from assets.issued import PLACES
from assets.warehouse import Warehouse

# What is most urgent first: the law, then pupils whom nobody has spoken with, then papers.
ORDER = (
    "report_owed", "not_spoken_with", "not_supported", "signal_without_plan", "hand_over_open", "risk_without_measure",
    "economic_without_compensation", "one_party", "approval_missing", "illegal_move",
)  # fmt: skip
_SCHOOLS = """
    select support.*, institution.name
    from listed.school_support as support
    left join (select school_reg_no, max_by(name, valid_from) as name from core.institution group by school_reg_no)
        as institution on support.school_reg_no = institution.school_reg_no
    where support.as_of = (select max(as_of) from listed.school_support)
        and (support.school_reg_no = $code or support.atvk_code = $code)
    order by support.school_reg_no
"""
_MATTERS = """
    select matter.*, cohort.grade, cohort.class_label, attention_list.position
    from listed.support_matter as matter
    left join risk.pupil_week_cohort as cohort
        on matter.pupil_key = cohort.pupil_key and matter.as_of = cohort.as_of
    left join listed.attention_list
        on matter.pupil_key = attention_list.pupil_key and matter.as_of = attention_list.as_of
            and attention_list.reasons is not null
    where matter.as_of = (select max(as_of) from listed.school_support)
        and (matter.school_reg_no = $code or matter.atvk_code = $code)
"""
_FEEDBACK = """
    select school_year, semester, about, question, answers_at_least, rating
    from listed.staff_feedback
    where school_reg_no = $code and (school_year, semester) = (
        select (max(school_year), max_by(semester, school_year || semester)) from listed.staff_feedback
        where school_reg_no = $code)
    order by about, question
"""
_DETAIL_OF_HOME = "risk_without_measure"  # its detail is a group of risks: health and family are for the school alone


@dataclass(frozen=True)
class SupportList:
    """What is shown of the support in a school or municipality; names and details as far as the person's role goes."""

    place: Place
    as_of: date
    known_on: date
    schools: pl.DataFrame
    matters: pl.DataFrame
    feedback: pl.DataFrame
    total: int
    shows_detail: bool


def _place(warehouse: Warehouse, wanted: str) -> Place:
    found = fitting(warehouse.query(PLACES), wanted)
    if found.height != 1:
        raise NoSuchList(f"{found.height} schools or municipalities fit '{wanted}'; `pumpurs status` names the schools")
    row = found.row(0, named=True)
    return Place(row["code"], row["name"], row["kind"])


def _ordered(matters: pl.DataFrame, shows_detail: bool) -> pl.DataFrame:
    """Put what is urgent first; a pupil's several risk groups are one matter where the detail is not shown."""
    hidden = (pl.col("matter") == _DETAIL_OF_HOME) & ~pl.lit(shows_detail)
    told = matters.with_columns(detail=pl.when(hidden).then(pl.lit("")).otherwise("detail"))
    rank = pl.col("matter").replace_strict({name: n for n, name in enumerate(ORDER)}, return_dtype=pl.Int32)
    once = told.sort("since_on", maintain_order=True).unique(
        ("pupil_key", "matter", "detail"), keep="first", maintain_order=True
    )
    return once.sort(rank, pl.col("position").fill_null(10_000), "since_on", "school_reg_no", "pupil_key", "detail")


def _former(warehouse: Warehouse) -> dict[str, list[str]]:
    """Return the former keys of each standing key."""
    rows = warehouse.query("select pupil_key, standing_pupil_key from core.pupil_identity").rows()
    former: dict[str, list[str]] = {}
    for old, standing in rows:
        former.setdefault(standing, []).append(old)
    return former


def read_support(warehouse: Warehouse, wanted: str, capacity: int, who: tuple[str, date]) -> SupportList:
    """Read what waits in a school or municipality on the last listed day; NoSuchList where there is none.

    who: login, and the day of the look. Exact counts of a school are for whom a role covers it, so nobody else reads
    anything; answers of staff and groups of risks are shown to the school's own coordinator alone.
    """
    place = _place(warehouse, wanted)
    schools = warehouse.query(_SCHOOLS, {"code": place.code})
    if not schools.height:
        raise NoSuchList(f"{place.name}: no pupils on the last listed day; run `pumpurs run`")
    if not covers(warehouse, *who, place):
        raise NoSuchList(f"{place.name}: no role of yours covers it today; give your login with --as")
    shows_detail = sees_health(warehouse, *who, place)
    matters = _ordered(warehouse.query(_MATTERS, {"code": place.code}), shows_detail)
    shown = matters.head(capacity)
    feedback = warehouse.query(_FEEDBACK, {"code": place.code})
    return SupportList(
        place,
        schools["as_of"][0],
        warehouse.query("select known_on from risk.stand")["known_on"][0],
        schools,
        named(shown, Identity(warehouse.home), _former(warehouse), None),
        feedback if shows_detail else feedback.clear(),
        matters.height,
        shows_detail,
    )


def log_support(home: Home, person: str, shown: SupportList, moment: datetime) -> None:
    """Append who looked at what waits where."""
    told = {
        "as_of": shown.as_of.isoformat(),
        "known_on": shown.known_on.isoformat(),
        "list": "support",
        "pupils": shown.matters["pupil_key"].n_unique(),
        "named": True,
        "detail": shown.shows_detail,
    }
    log_look(home, person, shown.place.code, told, moment)
