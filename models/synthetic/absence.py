"""Who is missing: whole days of illness, leave and skipping, single lessons skipped or late, and when it is excused."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from models.synthetic.chunk import Chunk
from models.synthetic.drift import drift
from models.synthetic.illness import Illness
from models.synthetic.streams import Booleans, Floats, Integers, stream

CODES = ("", "n", "ns", "nc", "k")
PRESENT, UNEXCUSED, ILL, EXCUSED, LATE = range(len(CODES))
LATENESS_BY_LESSON = np.array([4.0, 1.0, 0.6, 0.5, 0.5, 0.5, 0.5, 0.4], dtype=np.float32)  # most come late to the first
LATENESS_OF_DRIFT = 0.10
SCALE = 65536  # single lessons are drawn as 16-bit numbers: four of them cost what one float would
EXCUSE_WITHIN = 4  # days after return by which most schools want a note


@dataclass(frozen=True)
class Days:
    """Per pupil and day: whole-day state (a code), skipping and lateness risk, and the excuse.

    `excused_on` is a day number since 1970; `is_late` says that the excuse comes after the month was delivered.
    """

    state: Integers
    skipping: Floats
    lateness: Floats
    excused_on: Integers
    is_late: Booleans


def _cells(ill: Illness, index: Integers) -> tuple[Integers, Integers, Integers, Integers]:
    """Return pupil row, day column, last day column and spell number of every day of illness in the month."""
    low, high = index[0], index[-1] + 1
    seen = np.flatnonzero((ill.after > low) & (ill.first < high))
    first, after = ill.first[seen].clip(low), ill.after[seen].clip(max=high)
    length = after - first
    spell = np.repeat(np.arange(len(seen)), length)
    step = np.arange(len(spell)) - np.repeat(np.cumsum(length) - length, length)
    return ill.pupil[seen][spell], first[spell] + step - low, (after - 1 - low)[spell], spell


def _states(chunk: Chunk, rng: np.random.Generator, skipping: Floats) -> Integers:
    """Draw whole days away without illness."""
    p, shape = chunk.parameters, skipping.shape
    state = np.zeros(shape, np.uint8)
    state[rng.random(shape, dtype=np.float32) < chunk.column("away")[:, None]] = EXCUSED
    state[rng.random(shape, dtype=np.float32) < p.whole_day_skip * skipping] = UNEXCUSED
    return state


def _skipping(chunk: Chunk, rng: np.random.Generator, in_attendance: Floats) -> Floats:
    """Draw each day's risk of skipping: habit comes in bursts, drift comes on top of it."""
    bursts = rng.standard_normal(in_attendance.shape, dtype=np.float32) ** 2
    waves = rng.standard_exponential(in_attendance.shape, dtype=np.float32)
    return (chunk.column("skipping")[:, None] * bursts + in_attendance * waves).clip(0, 0.97)


def whole_days(
    chunk: Chunk, ill: Illness, index: Integers, dates: np.ndarray, delivered: date, corrected: date, label: int
) -> tuple[Days, Floats]:
    """Draw the days of a month as (pupils, days), and return the drift in marks beside them."""
    rng = stream(chunk.parameters.seed, "days", *chunk.key, label)
    in_attendance, in_marks = drift(chunk, index)
    skipping = _skipping(chunk, rng, in_attendance)
    state = _states(chunk, rng, skipping)
    back = np.broadcast_to(dates.astype(np.int32), state.shape).copy()
    is_late = rng.random(state.shape, dtype=np.float32) < chunk.parameters.late_excuse
    pupil, day, last, spell = _cells(ill, index)
    state[pupil, day] = ILL
    back[pupil, day] = dates.astype(np.int32)[last]
    is_late[pupil, day] = (rng.random(len(ill.pupil)) < chunk.parameters.late_excuse)[spell]
    excused_on = _excused_on(rng, back, is_late, delivered, corrected)
    lateness = chunk.column("lateness")[:, None] + LATENESS_OF_DRIFT * in_attendance
    return Days(state, skipping, lateness, excused_on, is_late), in_marks


def _excused_on(
    rng: np.random.Generator, back: Integers, is_late: Booleans, delivered: date, corrected: date
) -> Integers:
    """Draw the day of each excuse: soon after the return, or between the month's delivery and its correction."""
    told, again = (day.toordinal() - date(1970, 1, 1).toordinal() for day in (delivered, corrected))
    soon = np.minimum(back + rng.integers(0, EXCUSE_WITHIN, back.shape, dtype=np.int32), told - 1)
    late = rng.integers(told + 1, again, back.shape, dtype=np.int32)
    return np.where(is_late, late, soon)


def _threshold(chance: Floats) -> Integers:
    return (chance * SCALE).clip(0, SCALE - 1).astype(np.uint16)


def lesson_codes(chunk: Chunk, days: Days, shape: tuple[int, int, int], label: int) -> Integers:
    """Draw the code of every lesson as (pupils, days, lessons): whole days first, single lessons in between."""
    p = chunk.parameters
    drawn = stream(p.seed, "lessons", *chunk.key, label).integers(0, SCALE, shape, dtype=np.uint16)
    code = (drawn < _threshold((1 - p.whole_day_skip) * days.skipping)[:, :, None]).astype(np.uint8)
    # The upper end of the same draw decides on lateness and leave: the three exclude each other.
    late = _threshold(days.lateness[:, :, None] * LATENESS_BY_LESSON)
    leave = np.uint16(SCALE * p.excused_lesson)
    rest = np.uint16(SCALE - 1) - drawn
    code[(rest < late) & (code == PRESENT)] = LATE
    code[(rest < leave) & (code != UNEXCUSED)] = EXCUSED
    away = days.state > 0
    code[away] = days.state[away][:, None]
    return code
