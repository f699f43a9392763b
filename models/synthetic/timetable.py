"""The weekly lesson grid of every class: how many lessons on which day, and in which subject."""

import numpy as np

from models.synthetic.parameters import Parameters
from models.synthetic.streams import Integers, apportion, stream

LESSONS_A_DAY = 8  # no grade has more
NO_LESSON = 255
# Lessons a week in grades 1 to 13; grades 10-13 also stand for vocational years 1-4.
LESSONS_A_WEEK = (22, 23, 24, 26, 28, 30, 32, 34, 34, 36, 36, 36, 36)
# Subject code: lessons a week in grades 1-3, 4-6, 7-9, 10-12 and vocational years; level of its marks against the mean.
SUBJECTS: dict[str, tuple[tuple[int, int, int, int, int], float]] = {
    "LAT": ((6, 5, 4, 4, 3), 0.0),
    "LIT": ((0, 2, 2, 2, 1), 0.0),
    "MAT": ((4, 5, 5, 5, 3), -0.6),
    "ANG": ((2, 3, 3, 4, 3), 0.1),
    "KRV": ((0, 1, 2, 3, 0), 0.0),
    "DAB": ((2, 2, 0, 0, 0), 0.2),
    "BIO": ((0, 0, 2, 2, 0), -0.1),
    "FIZ": ((0, 0, 2, 3, 1), -0.4),
    "KIM": ((0, 0, 2, 2, 1), -0.4),
    "GEO": ((0, 0, 2, 1, 0), 0.0),
    "VES": ((0, 1, 2, 3, 1), 0.0),
    "SOC": ((1, 1, 1, 1, 1), 0.3),
    "DAT": ((0, 1, 1, 2, 1), 0.4),
    "DIZ": ((1, 2, 2, 0, 0), 0.6),
    "MUZ": ((2, 2, 1, 0, 0), 0.8),
    "VIZ": ((2, 1, 1, 0, 0), 0.8),
    "SPO": ((3, 3, 2, 3, 2), 1.0),
    "UZN": ((0, 0, 0, 1, 1), 0.2),
    "PTE": ((0, 0, 0, 0, 7), -0.1),
    "PPR": ((0, 0, 0, 0, 11), 0.4),
}
CODES = tuple(SUBJECTS)
MATHEMATICS = CODES.index("MAT")
LEVELS = np.array([level for _, level in SUBJECTS.values()], dtype=np.float32)


def _subjects_of_week(band: int, lessons: int) -> Integers:
    """List the subjects of a week's lessons, as many of each as the band's plan asks for."""
    plan = np.array([hours[band] for hours, _ in SUBJECTS.values()])
    return np.repeat(np.arange(len(CODES), dtype=np.uint8), apportion(plan, lessons))


def _filled(rng: np.random.Generator, band: int, grade: int, classes: int) -> Integers:
    """Return (classes, 5, lessons a day) for classes of one grade, each with its own order of subjects."""
    weekly = LESSONS_A_WEEK[grade - 1]
    daily = apportion(np.ones(5), weekly)
    shuffled = rng.permuted(np.tile(_subjects_of_week(band, weekly), (classes, 1)), axis=1)
    week = np.full((classes, 5, LESSONS_A_DAY), NO_LESSON, np.uint8)
    week[:, np.arange(LESSONS_A_DAY) < daily[:, None]] = shuffled
    return week


def build_timetables(p: Parameters, key: tuple[int, int], grades: Integers, bands: Integers) -> Integers:
    """Return the subject of every class, weekday and lesson as (classes, 5, 8); 255 where there is none."""
    rng = stream(p.seed, "timetable", *key)
    week = np.full((len(grades), 5, LESSONS_A_DAY), NO_LESSON, np.uint8)
    for band, grade in sorted(set(zip(bands.tolist(), grades.tolist(), strict=True))):
        who = (bands == band) & (grades == grade)
        week[who] = _filled(rng, band, grade, int(who.sum()))
    return week
