"""One month of lessons for a chunk of schools: what was held, who was missing and why, and when that was excused."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from models.synthetic.absence import Days, lesson_codes, whole_days
from models.synthetic.chunk import Chunk
from models.synthetic.illness import Illness
from models.synthetic.streams import Booleans, Floats, Integers, stream
from models.synthetic.timetable import LESSONS_A_DAY, MATHEMATICS, NO_LESSON
from models.synthetic.year_days import school_days


@dataclass(frozen=True)
class Period:
    """A calendar month of a school year: its school days by index, and when it is delivered and corrected."""

    label: int
    first: int
    after: int
    delivered: date
    corrected: date


@dataclass(frozen=True)
class Month:
    """One month as arrays (pupils, days, lessons): `rows` are lessons held for pupils on roll, `code` what happened.

    `subject` and `held` are (classes, days, lessons); `days` and `drift_in_marks` speak of whole days (pupils, days).
    """

    chunk: Chunk
    period: Period
    dates: np.ndarray
    subject: Integers
    held: Booleans
    rows: Booleans
    code: Integers
    days: Days
    drift_in_marks: Floats

    def stream(self, purpose: str) -> np.random.Generator:
        """Open a random stream of this chunk and month."""
        return stream(self.chunk.parameters.seed, purpose, *self.chunk.key, self.period.label)


def _subjects(chunk: Chunk, dates: np.ndarray, is_open: Booleans) -> Integers:
    """Return the planned subject of each class, day and lesson; 255 where the class has no lesson."""
    weekday = (dates.astype(int) + 3) % 7
    return np.where(is_open[:, :, None], chunk.timetable[:, weekday], np.uint8(NO_LESSON))


def _held(chunk: Chunk, label: int, subject: Integers) -> Booleans:
    """Draw which planned lessons take place."""
    p = chunk.parameters
    chance = np.where(subject == MATHEMATICS, p.not_held_mathematics, p.not_held)
    drawn = stream(p.seed, "held", *chunk.key, label).random(subject.shape)
    return (subject != NO_LESSON) & (drawn >= chance)


def _on_roll(chunk: Chunk, index: Integers) -> Booleans:
    return (index >= chunk.column("start")[:, None]) & (index < chunk.column("stop")[:, None])


def simulate(chunk: Chunk, ill: Illness, period: Period) -> Month:
    """Simulate one month of a chunk."""
    index = np.arange(period.first, period.after)
    dates = school_days(chunk.year)[index]
    subject = _subjects(chunk, dates, chunk.is_open[:, index])
    held = _held(chunk, period.label, subject)
    rows = held[chunk.class_of]
    rows &= _on_roll(chunk, index)[:, :, None]
    days, drift_in_marks = whole_days(chunk, ill, index, dates, period.delivered, period.corrected, period.label)
    code = lesson_codes(chunk, days, (len(chunk.spells), len(index), LESSONS_A_DAY), period.label)
    return Month(chunk, period, dates, subject, held, rows, code, days, drift_in_marks)
