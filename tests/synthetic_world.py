"""One invented country of 8,000 pupils, simulated once, as the frames that several tests look at."""

from datetime import date
from functools import cache

import numpy as np
import polars as pl

from models.synthetic import Country, Parameters, build_country
from models.synthetic.absence import EXCUSED, ILL, UNEXCUSED
from models.synthetic.chunk import open_chunk
from models.synthetic.deliveries import periods
from models.synthetic.illness import illnesses
from models.synthetic.mark_texts import TEXTS
from models.synthetic.marks import month_marks, talents
from models.synthetic.month import Month, simulate

PUPILS = 8000
LAST_DAY = date(2026, 6, 30)


@cache
def country() -> Country:
    return build_country(Parameters(PUPILS, 2, 11))


@cache
def months(year_no: int) -> list[list[Month]]:
    """Simulate a whole year, chunk by chunk."""
    chunks = [open_chunk(country(), year_no, number) for number in range(len(country().chunks[year_no]))]
    return [[simulate(chunk, illnesses(chunk), period) for period in periods(chunk.year)] for chunk in chunks]


@cache
def daily(year_no: int) -> pl.DataFrame:
    """Count lessons held, missed and missed without excuse per pupil and day, with the pupil's fate."""
    parts = []
    for month in (month for chunk in months(year_no) for month in chunk):
        pupil, day = np.nonzero(month.rows.any(axis=2))
        rows, code = month.rows[pupil, day], month.code[pupil, day]
        away = (code == UNEXCUSED) | (code == ILL) | (code == EXCUSED)
        counts = {
            "held": rows.sum(axis=1),
            "missed": (rows & away).sum(axis=1),
            "skipped": (rows & (code == UNEXCUSED)).sum(axis=1),
            "ill": (rows & (code == ILL)).sum(axis=1),
        }
        about = month.chunk.spells[pupil].select("pupil", "fate", "grade", "kind", "skill", "stop", "drift", "dip")
        parts.append(
            about.with_columns(day=pl.Series(month.period.first + day), **{k: pl.Series(v) for k, v in counts.items()})
        )
    return pl.concat(parts)


@cache
def marks(year_no: int) -> pl.DataFrame:
    """Return all running marks of a year with grade and school, as they stand in the end."""
    texts, parts = pl.Series(TEXTS), []
    for chunk in months(year_no):
        talent = talents(chunk[0].chunk)
        for written in (month_marks(month, talent) for month in chunk):
            about = written.month.chunk.spells[written.pupil].select(
                "pupil", "grade", "brackets", "fate", "stop", "drift"
            )
            parts.append(
                about.with_columns(
                    first=texts.gather(pl.Series(written.first)),
                    text=texts.gather(pl.Series(written.last)),
                    kind=pl.Series(written.kind),
                    value=pl.Series(written.value),
                    day=pl.Series(written.month.period.first + written.day),
                )
            )
    return pl.concat(parts)


def spells() -> pl.DataFrame:
    return pl.concat([s.with_columns(year=pl.lit(n)) for n, s in enumerate(country().spells)])
