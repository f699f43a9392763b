"""The tables of a month's lessons: attendance as first delivered, as corrected later, and the lessons held."""

import numpy as np
import pyarrow as pa

from models.synthetic import columns
from models.synthetic.absence import CODES, EXCUSED, ILL, PRESENT, UNEXCUSED
from models.synthetic.month import Month
from models.synthetic.streams import Booleans, Integers
from models.synthetic.timetable import CODES as SUBJECT_CODES
from models.synthetic.timetable import NO_LESSON


def is_excusable(code: Integers) -> Booleans:
    """Say which codes stand for an excused absence."""
    return (code == ILL) | (code == EXCUSED)


def excused_late(month: Month) -> Booleans:
    """Say which lessons are excused only after the month was delivered, as (pupils, days, lessons)."""
    return month.days.is_late[:, :, None] & is_excusable(month.code)


def _lesson_columns(month: Month, rows: Booleans) -> dict[str, pa.Array]:
    """Write the columns that say which lesson of which pupil a row is, in the order of the array."""
    pupils, days, lessons = rows.shape
    a_day = rows.sum(axis=2)
    pupil = np.repeat(np.arange(pupils, dtype=np.int32), a_day.sum(axis=1))
    dates = np.repeat(np.broadcast_to(month.dates.astype(np.int32), (pupils, days)).ravel(), a_day.ravel())
    lesson = np.broadcast_to(np.arange(1, lessons + 1, dtype=np.int8), rows.shape)[rows]
    subject = month.subject[month.chunk.class_of][rows]
    return columns.pupil(month.chunk, pupil) | {
        "lesson_date": columns.dates(dates),
        "lesson_no": columns.small(lesson),
        "subject_code": columns.text(subject, SUBJECT_CODES),
    }


def _table(month: Month, rows: Booleans, code: Integers) -> pa.Table:
    happened = code[rows]
    a_day = rows.sum(axis=2).ravel()
    excused_on = np.repeat(month.days.excused_on.ravel(), a_day)
    said = {
        "code": columns.text(happened, CODES),
        "excused_on": columns.dates(excused_on, ~is_excusable(happened)),
    }
    return pa.table(_lesson_columns(month, rows) | said)


def delivered_attendance(month: Month, shape: str) -> pa.Table:
    """Return the month as first delivered: every lesson (roll) or absences only (exceptions); late excuses unseen."""
    code = np.where(excused_late(month), np.uint8(UNEXCUSED), month.code)
    rows = month.rows if shape == "roll" else month.rows & (code != PRESENT)
    return _table(month, rows, code)


def corrected_attendance(month: Month) -> pa.Table:
    """Return the rows that were delivered as `n` and have been excused since."""
    return _table(month, month.rows & excused_late(month), month.code)


def lesson_table(month: Month) -> pa.Table:
    """Return every planned lesson of every class and whether it took place."""
    planned = month.subject != NO_LESSON
    class_row, day, lesson = np.nonzero(planned)
    labels = tuple(month.chunk.classes["class_label"].to_list())
    schools, position = np.unique(month.chunk.classes["school_reg_no"].to_numpy(), return_inverse=True)
    return pa.table(
        {
            "school_reg_no": columns.text(position.astype(np.int16)[class_row], tuple(schools.tolist())),
            "group_label": columns.text(class_row.astype(np.int32), labels),
            "lesson_date": columns.dates(month.dates.astype(np.int32)[day]),
            "lesson_no": columns.small(lesson + 1),
            "subject_code": columns.text(month.subject[planned], SUBJECT_CODES),
            "is_held": pa.array(month.held[planned]),
        }
    )
