"""The registers that lessons of another system need here, made from what that system tells and nothing else.

Its ids become codes of the forms that a delivery accepts. A whole number of up to nine digits stands in its code as it
is; any other id stands there as nine (of a school: eight) digits of its SHA-256. Every system has prefixes of its own.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from models.public_format.imported import ImportRefused

VALID_FROM = date(2000, 1, 1)  # before any lesson, and the same in every import, so that a later one adds no second row
KEYS = {
    "municipality": ["atvk_code", "valid_from"],
    "institution": ["school_reg_no", "valid_from"],
    "calendar_day": ["school_year", "date", "grade_from", "school_reg_no"],
    "attendance_code": ["source", "school_reg_no", "code", "valid_from"],
    "pupil": ["person_code"],
    "enrolment": ["person_code", "school_reg_no", "entry_date"],
    "attendance": ["person_code", "school_reg_no", "lesson_date", "lesson_no"],
    "mark": ["person_code", "school_reg_no", "mark_date", "subject_code", "work_kind", "sequence"],
    "period_mark": ["person_code", "school_reg_no", "school_year", "period", "subject_code"],
}
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
_NOTHING = pl.lit(None, pl.String)


@dataclass(frozen=True)
class System:
    """A sending system: its name, and how the codes of its pupils, schools and the one municipality begin.

    A new Latvian personal code begins with 3 and a digit from 2; no Latvian school number begins with 5 or more.
    """

    source: str
    label: str
    atvk_code: str
    pupil_number: str
    pupil_text: str
    school_number: str
    school_text: str

    def pupil_codes(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the personal code that stands for each id; ImportRefused if two share one."""
        return self._codes("student", ids, self.pupil_number, self.pupil_text, 11)

    def school_codes(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the registration number that stands for each id; ImportRefused if two share one."""
        return self._codes("school", ids, self.school_number, self.school_text, 10)

    def _codes(self, what: str, ids: Iterable[str], number: str, text: str, width: int) -> dict[str, str]:
        known = sorted(set(ids))
        digits = {known_id: _digits(known_id, width - len(text)) for known_id in known}
        codes = {i: number + i.zfill(width - len(number)) if _NUMBER.fullmatch(i) else text + digits[i] for i in known}
        shared = len(known) - len(set(codes.values()))
        if shared:
            raise ImportRefused(
                f"{self.label}: {shared} {what} ids get the code of another one, and codes are never shared;"
                " give these ids as whole numbers of at most nine digits"
            )
        return codes


def _digits(known_id: str, count: int) -> str:
    number = int.from_bytes(hashlib.sha256(known_id.encode()).digest()[:16])
    return str(number % 10**count).zfill(count)


def coded(column: str, codes: Mapping[str, str], name: str) -> pl.Expr:
    """Write the code of an id; null for one that has none."""
    return pl.col(column).replace_strict(dict(codes), default=None, return_dtype=pl.String).alias(name)


def municipality(system: System) -> pl.DataFrame:
    """Return the one municipality of a system that names none."""
    name = f"{system.label}: pašvaldība nav zināma", f"{system.label}: municipality not told"
    told = {"name_lv": name[0], "name_en": name[1], "kind": "region"}
    frame = pl.DataFrame({"atvk_code": system.atvk_code, "valid_from": VALID_FROM, **told})
    return frame.with_columns(valid_to=pl.lit(None, pl.Date), successor_atvk=_NOTHING)


def institutions(system: System, codes: Mapping[str, str]) -> pl.DataFrame:
    """Return the schools under the ids that their system knows them by; of their kind nothing is told."""
    frame = pl.DataFrame(list(codes.items()), {"id": pl.String, "school_reg_no": pl.String}, orient="row")
    return frame.select(
        "school_reg_no",
        valid_from=VALID_FROM,
        name=pl.concat_str(pl.lit(f"{system.label} "), "id"),
        atvk_code=pl.lit(system.atvk_code),
        kind=pl.lit("general"),
        founder=_NOTHING,
        valid_to=pl.lit(None, pl.Date),
    )


def attendance_codes(system: System, meanings: Mapping[str, str]) -> pl.DataFrame:
    """Return what the codes of a system mean; a code that is not here waits in quarantine until somebody says it."""
    frame = pl.DataFrame(list(meanings.items()), {"code": pl.String, "meaning": pl.String}, orient="row")
    return frame.select(
        source=pl.lit(system.source),
        school_reg_no=pl.lit("*"),
        code="code",
        valid_from=VALID_FROM,
        meaning="meaning",
        valid_to=pl.lit(None, pl.Date),
    )


def school_year(day: str) -> pl.Expr:
    """Write the school year of a day, such as 2021/2022; it changes on 1 August."""
    start = pl.col(day).dt.year() - (pl.col(day).dt.month() < 8).cast(pl.Int32)
    return pl.format("{}/{}", start, start + 1)


def calendar_days(lessons: pl.DataFrame, semester: pl.Expr) -> pl.DataFrame:
    """Return the days on which a school is known to have worked: those of which any lesson or absence is told."""
    return (
        lessons.group_by("school_reg_no", pl.col("lesson_date").alias("date"))
        .agg(semester.min().alias("semester"))
        .select(
            school_year=school_year("date"),
            date="date",
            grade_from=pl.lit(1),
            school_reg_no="school_reg_no",
            grade_to=pl.lit(13),
            semester="semester",
            kind=pl.lit("school_day"),
        )
    )


def pupils_without_names(person_codes: pl.Series) -> pl.DataFrame:
    """Return pupils of whom nothing but their code is told."""
    return pl.DataFrame({"person_code": person_codes}).with_columns(
        given_name=_NOTHING, family_name=_NOTHING, birth_date=pl.lit(None, pl.Date), sex=_NOTHING
    )


def open_enrolments(known: pl.DataFrame) -> pl.DataFrame:
    """Return enrolments by person_code, school_reg_no, entry_date and grade, of which no class and no end is told."""
    return known.select(
        "person_code",
        "school_reg_no",
        "entry_date",
        "grade",
        class_label=_NOTHING,
        programme_code=_NOTHING,
        exit_date=pl.lit(None, pl.Date),
        exit_status=_NOTHING,
    )


def attendance(lessons: pl.DataFrame) -> pl.DataFrame:
    """Return the attendance of lessons with their section as subject; when it was excused is not told."""
    names = ("person_code", "school_reg_no", "lesson_date", "lesson_no")
    return lessons.select(*names, subject_code="section", code="code", excused_on=pl.lit(None, pl.Date))


def in_order(datasets: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Sort every dataset by its key, because joins keep no order and the same rows must make the same bytes."""
    return {name: datasets[name].sort(key) for name, key in KEYS.items() if name in datasets}
