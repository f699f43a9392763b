"""The work of a class that is marked: kinds of work, the form of their marks, and on which lessons they fall."""

from dataclasses import dataclass

import numpy as np

from models.synthetic.chunk import Chunk
from models.synthetic.month import Month
from models.synthetic.streams import Floats, Integers, pick
from models.synthetic.timetable import CODES as SUBJECT_CODES
from models.synthetic.timetable import NO_LESSON

KINDS = ("p.d.", "k.d.", "m.d.", "st.d.", "formatīvs")
FORMS = ("ten", "percent", "points", "pass", "level")
TEN, PERCENT, POINTS, PASS, LEVEL = range(len(FORMS))
TESTS = 2  # the first kinds are tests: owed if missed, re-sat if failed, and of double weight
NO_WORK = 255
# Kind, form and share of all work in grades 1-3 and from grade 4 on.
WORKS = (
    ("p.d.", "ten", 0.0, 0.20),
    ("p.d.", "percent", 0.0, 0.03),
    ("p.d.", "points", 0.0, 0.02),
    ("k.d.", "ten", 0.0, 0.10),
    ("m.d.", "ten", 0.0, 0.10),
    ("m.d.", "pass", 0.15, 0.07),
    ("st.d.", "ten", 0.0, 0.26),
    ("formatīvs", "pass", 0.0, 0.09),
    ("formatīvs", "percent", 0.0, 0.06),
    ("formatīvs", "level", 0.35, 0.07),
    ("p.d.", "level", 0.25, 0.0),
    ("st.d.", "level", 0.25, 0.0),
)
KIND_OF = np.array([KINDS.index(kind) for kind, *_ in WORKS], dtype=np.uint8)
SHARES = np.array([shares for _, _, *shares in WORKS]).T
PRIMARY = 3  # the last grade marked in levels
EVEN_OUT = 0.5  # 0: all lessons alike; 1: every subject gets the same number of marks
FORM_OF = np.array([FORMS.index(form) for _, form, *_ in WORKS], dtype=np.uint8)


@dataclass(frozen=True)
class Work:
    """Marked work of the classes: row of WORKS (255: none) and its number within day, subject and kind."""

    work: Integers
    sequence: Integers


def _sequence(kind: Integers, subject: Integers) -> Integers:
    """Number work of the same kind in the same subject within a day, in the order of lessons."""
    number = np.ones(kind.shape, np.int8)
    for later in range(1, kind.shape[2]):
        same = (kind[:, :, :later] == kind[:, :, later : later + 1]) & (
            subject[:, :, :later] == subject[:, :, later : later + 1]
        )
        number[:, :, later] += same.sum(axis=2, dtype=np.int8)
    return number


def _chances(chunk: Chunk) -> Floats:
    """Return the chance of marked work per lesson as (classes, subjects): fewer lessons a week, more of them marked."""
    p, grade = chunk.parameters, chunk.classes["grade"].to_numpy()
    week = chunk.timetable.reshape(len(grade), -1)
    hours = np.stack([(week == subject).sum(axis=1) for subject in range(len(SUBJECT_CODES))], axis=1)
    often = hours.clip(1) ** -EVEN_OUT
    usual = (hours * often).sum(axis=1) / hours.sum(axis=1)
    base = np.where(grade <= PRIMARY, p.assessed_lesson_primary, p.assessed_lesson)
    return (base / usual)[:, None] * often


def marked_work(month: Month) -> Work:
    """Draw which lessons held in a month have marked work, and of what kind."""
    rng, shape = month.stream("work"), month.subject.shape
    primary = (month.chunk.classes["grade"].to_numpy() <= PRIMARY)[:, None, None]
    young, older = (pick(rng, share, month.subject.size).reshape(shape) for share in SHARES)
    subject = month.subject.clip(max=len(SUBJECT_CODES) - 1)
    chance = _chances(month.chunk)[np.arange(shape[0])[:, None, None], subject]
    happens = month.held & (rng.random(shape) < chance)
    work = np.where(happens, np.where(primary, young, older), NO_WORK).astype(np.uint8)
    kind = np.where(happens, np.append(KIND_OF, NO_WORK)[work.clip(max=len(WORKS))], NO_WORK)
    return Work(work, _sequence(kind, np.where(happens, month.subject, NO_LESSON)))
