"""Semester and year marks: declared from the running marks, tests counting twice."""

from collections.abc import Iterable

import numpy as np
import polars as pl
import pyarrow as pa

from models.synthetic import columns
from models.synthetic.chunk import Chunk
from models.synthetic.mark_texts import NV, START, TEXTS, plain
from models.synthetic.marks import LEVEL_EDGES, Marks
from models.synthetic.streams import Booleans, Floats, Integers
from models.synthetic.timetable import CODES as SUBJECT_CODES
from models.synthetic.work import PRIMARY, TESTS

TEST_WEIGHT = 2.0
PERIODS = ("semester1", "semester2", "year")


def means(chunk: Chunk, months: Iterable[Marks]) -> Floats:
    """Return each pupil's weighted mean in each subject, NaN without a mark, as (pupils, subjects)."""
    cells = len(chunk.spells) * len(SUBJECT_CODES)
    total, weight = np.zeros(cells), np.zeros(cells)
    for marks in months:
        counted = ~np.isnan(marks.value)
        cell = marks.pupil[counted] * len(SUBJECT_CODES) + marks.subject[counted]
        heavy = np.where(marks.kind[counted] < TESTS, TEST_WEIGHT, 1.0)
        total += np.bincount(cell, heavy * marks.value[counted], cells)
        weight += np.bincount(cell, heavy, cells)
    shape = (len(chunk.spells), len(SUBJECT_CODES))
    return np.where(weight > 0, total / np.maximum(weight, 1), np.nan).reshape(shape)


def _marked(chunk: Chunk, mean: Floats) -> Booleans:
    """Say in which subjects anybody in the pupil's class got a mark, as (pupils, subjects); others are not declared."""
    marked = np.zeros((len(chunk.classes), len(SUBJECT_CODES)), bool)
    np.logical_or.at(marked, chunk.class_of, ~np.isnan(mean))
    return marked[chunk.class_of]


def _texts(chunk: Chunk, pupil: Integers, mean: Floats) -> Integers:
    """Return positions of declared marks: levels in grades 1-3, 1-10 above, nv without any mark."""
    known = np.nan_to_num(mean, nan=1.0)
    in_levels = (chunk.column("grade") <= PRIMARY)[pupil]
    level = START["level"] + np.digitize(known, LEVEL_EDGES)
    declared = np.where(in_levels, level, plain(np.rint(known).clip(1, 10).astype(np.int64)))
    return np.where(np.isnan(mean), NV, declared)


def _period(chunk: Chunk, here: Booleans, period: str, mean: Floats) -> pl.DataFrame:
    pupil, subject = np.nonzero(_marked(chunk, mean) & here[:, None])
    texts = _texts(chunk, pupil, mean[pupil, subject])
    named = pl.lit(period, dtype=pl.Enum(PERIODS))
    return pl.DataFrame({"pupil": pupil, "subject": subject, "text": texts}).with_columns(period=named)


def period_table(chunk: Chunk, here: Booleans, periods: dict[str, Floats]) -> pa.Table:
    """Return the marks of the pupils who are `here` at the end; `periods` holds the means of each period."""
    parts = [_period(chunk, here, period, mean) for period, mean in periods.items()]
    rows = pl.concat(parts).sort("pupil", "period", "subject")
    subject, text = rows["subject"].to_numpy().astype(np.uint8), rows["text"].to_numpy().astype(np.int16)
    return pa.table(
        columns.pupil(chunk, rows["pupil"].to_numpy().astype(np.int32))
        | {
            "school_year": columns.text(np.zeros(len(rows), np.int8), (chunk.year.label,)),
            "period": columns.text(rows["period"].to_physical().to_numpy(), PERIODS),
            "subject_code": columns.text(subject, SUBJECT_CODES),
            "mark_text": columns.text(text, TEXTS),
        }
    )
