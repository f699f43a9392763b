"""Running marks of a month: what each pupil got for the class's work, as first written and as it stands in the end."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from models.synthetic import columns
from models.synthetic.absence import LATE, PRESENT
from models.synthetic.chunk import Chunk
from models.synthetic.mark_texts import ABSENT, EXEMPT, NV, START, TEXTS, corrected, plain
from models.synthetic.month import Month
from models.synthetic.streams import Booleans, Floats, Integers, stream
from models.synthetic.timetable import CODES as SUBJECT_CODES
from models.synthetic.timetable import LEVELS
from models.synthetic.work import (
    FORM_OF,
    KIND_OF,
    KINDS,
    LEVEL,
    NO_WORK,
    PASS,
    PERCENT,
    POINTS,
    TEN,
    TESTS,
    Work,
    marked_work,
)

PASS_FROM = 4
BLANK = [NV, EXEMPT, ABSENT]
LEVEL_EDGES = (4.0, 5.8, 8.0)  # between S, T, A and P, on the 10-point scale


@dataclass(frozen=True)
class Marks:
    """Rows of one month by pupil, date and lesson; `first` and `last` are positions of texts, `value` 1-10 or NaN."""

    month: Month
    pupil: Integers
    day: Integers
    subject: Integers
    kind: Integers
    sequence: Integers
    first: Integers
    last: Integers
    value: Floats


def talents(chunk: Chunk) -> Floats:
    """Return how much better each pupil is in each subject than on average, as (pupils, subjects)."""
    rng = stream(chunk.parameters.seed, "talents", *chunk.key)
    spread = np.float32(chunk.parameters.subject_spread)
    own = rng.standard_normal((len(chunk.spells), len(SUBJECT_CODES)), dtype=np.float32)
    return chunk.column("skill")[:, None] + spread * own + LEVELS


def _reached(month: Month, talent: Floats, pupil: Integers, day: Integers, subject: Integers) -> Floats:
    """Draw the achievement in each piece of work on the 10-point scale, before rounding."""
    p = month.chunk.parameters
    noise = month.stream("marks").normal(0.0, p.mark_noise, len(pupil))
    return talent[pupil, subject] - p.mark_fall * month.drift_in_marks[pupil, day] + noise


def _value(reached: Floats) -> Integers:
    return np.rint(reached).clip(1, 10).astype(np.int64)


def _written(month: Month, pupil: Integers, work: Integers, reached: Floats) -> Integers:
    """Return the position of the text in the form that the work is marked in."""
    form, kind, value = FORM_OF[work], KIND_OF[work], _value(reached)
    in_brackets = month.chunk.column("brackets")[pupil] & (kind < TESTS)
    bracketed = np.where(kind == 0, START["p.d."], START["k.d."]) + value - 1
    texts = [
        np.where(in_brackets, bracketed, plain(value)),
        START["percent"] + np.rint(20 * reached).clip(0, 200).astype(np.int64),
        START["points"] + np.rint(10 * reached).clip(0, 100).astype(np.int64),
        START["pass"] + (value >= PASS_FROM),
        START["level"] + np.digitize(reached, LEVEL_EDGES),
    ]
    return np.choose(form, [texts[number] for number in (TEN, PERCENT, POINTS, PASS, LEVEL)])


def _second_chance(
    month: Month, work: Integers, owed: Booleans, value: Integers, first: Integers
) -> tuple[Integers, Integers, Integers]:
    """Draw re-sits and made-up work; return the text first delivered, the text in the end, and the mark in the end."""
    p, rng = month.chunk.parameters, month.stream("second chance")
    drawn, better = rng.random((2, len(work))), rng.integers(1, 4, len(work))
    test = (KIND_OF[work] < TESTS) & (FORM_OF[work] == TEN)
    again = test & ~np.isin(first, BLANK) & (value < PASS_FROM) & (drawn[0] < p.resit)
    made_up = owed & (FORM_OF[work] != LEVEL) & (drawn[0] < p.made_up)
    final = np.where(again, (value + better).clip(max=10), value)
    last = np.where(again, corrected(value, final), np.where(made_up, corrected(0 * value, final), first))
    in_time = (again | made_up) & (drawn[1] >= p.late_mark)
    return np.where(in_time, last, first), last, final


def _chosen(month: Month, work: Work) -> tuple[Integers, Integers, Integers, Integers, Booleans]:
    """Return pupil, day, lesson and work of every mark given or owed, and whether it is owed."""
    p, rng = month.chunk.parameters, month.stream("participation")
    pupil, day, lesson = np.nonzero(month.rows & (work.work != NO_WORK)[month.chunk.class_of])
    done = work.work[month.chunk.class_of[pupil], day, lesson]
    code, drawn = month.code[pupil, day, lesson], rng.random(len(pupil))
    present = (code == PRESENT) | (code == LATE)
    owed = ~present & (KIND_OF[done] < TESTS) & (drawn < p.owed_test)
    keep = owed | (present & (drawn >= p.unmarked))
    return pupil[keep], day[keep], lesson[keep], done[keep], owed[keep]


def month_marks(month: Month, talent: Floats) -> Marks:
    """Mark a month; `talent` comes from `talents` of the same chunk."""
    works = marked_work(month)
    pupil, day, lesson, work, owed = _chosen(month, works)
    place = (month.chunk.class_of[pupil], day, lesson)
    subject = month.subject[place]
    reached = _reached(month, talent, pupil, day, subject)
    exempt = ~owed & (month.stream("exempt").random(len(pupil)) < month.chunk.parameters.exempt)
    absent = owed & (month.stream("absent").random(len(pupil)) < month.chunk.parameters.not_there)
    owed &= ~absent
    texts = _written(month, pupil, work, reached)
    written = np.select([absent, owed, exempt], [ABSENT, NV, EXEMPT], texts)
    first, last, final = _second_chance(month, work, owed, _value(reached), written)
    counts = np.isin(FORM_OF[work], [TEN, LEVEL]) & ~np.isin(last, BLANK)
    value = np.where(counts, np.where(FORM_OF[work] == LEVEL, reached, final), np.nan)
    return Marks(month, pupil, day, subject, KIND_OF[work], works.sequence[place], first, last, value)


def _table(marks: Marks, rows: Booleans | slice, texts: Integers) -> pa.Table:
    month = marks.month
    return pa.table(
        columns.pupil(month.chunk, marks.pupil[rows].astype(np.int32))
        | {
            "mark_date": columns.dates(month.dates.astype(np.int32)[marks.day[rows]]),
            "subject_code": columns.text(marks.subject[rows], SUBJECT_CODES),
            "work_kind": columns.text(marks.kind[rows], KINDS),
            "sequence": columns.small(marks.sequence[rows]),
            "mark_text": columns.text(texts[rows].astype(np.int16), TEXTS),
        }
    )


def delivered_marks(marks: Marks) -> pa.Table:
    """Return the month's marks as first delivered."""
    return _table(marks, slice(None), marks.first)


def corrected_marks(marks: Marks) -> pa.Table:
    """Return the marks that were made up or re-sat after the month was delivered."""
    return _table(marks, marks.first != marks.last, marks.last)
