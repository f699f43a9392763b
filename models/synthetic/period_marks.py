"""Semester and year marks: declared from the running marks, tests counting twice."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from models.synthetic import columns
from models.synthetic.chunk import Chunk
from models.synthetic.mark_texts import NV, START, TEXTS, plain
from models.synthetic.marks import LEVEL_EDGES, Marks
from models.synthetic.streams import Booleans, Floats, Integers
from models.synthetic.timetable import CODES as SUBJECT_CODES

from models.synthetic.work import TESTS

TEST_WEIGHT = 2.0


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


def _taught(chunk: Chunk) -> Booleans:
    """Say which subjects each pupil's class has, as (pupils, subjects)."""
    week = chunk.timetable.reshape(len(chunk.classes), -1)
    taught = np.stack([(week == subject).any(axis=1) for subject in range(len(SUBJECT_CODES))], axis=1)
    return taught[chunk.class_of]


def _texts(chunk: Chunk, pupil: Integers, mean: Floats) -> Integers:
    """Return positions of declared marks: levels in grades 1-3, 1-10 above, nv without any mark."""
    known = np.nan_to_num(mean, nan=1.0)
    in_levels = (chunk.column("grade") <= 3)[pupil]
    level = START["level"] + np.digitize(known, LEVEL_EDGES)
    declared = np.where(in_levels, level, plain(np.rint(known).clip(1, 10).astype(np.int64)))
    return np.where(np.isnan(mean), NV, declared)


def period_table(chunk: Chunk, here: Booleans, periods: dict[str, Floats]) -> pa.Table:
    """Return the marks of the pupils who are `here` at the end; `periods` holds the means of each period."""
    pupil, subject = np.nonzero(_taught(chunk) & here[:, None])
    names, count = tuple(periods), len(pupil)
    order = np.argsort(np.tile(pupil, len(names)), kind="stable")
    rows, which = np.tile(pupil, len(names))[order], np.repeat(np.arange(len(names), dtype=np.int8), count)[order]
    texts = np.concatenate([_texts(chunk, pupil, mean[pupil, subject]) for mean in periods.values()])[order]
    label = columns.text(np.zeros(len(rows), np.int8), (chunk.year.label,))
    return pa.table(
        columns.pupil(chunk, rows.astype(np.int32))
        | {
            "school_year": label,
            "period": columns.text(which, names),
            "subject_code": columns.text(np.tile(subject, len(names))[order].astype(np.uint8), SUBJECT_CODES),
            "mark_text": columns.text(texts.astype(np.int16), TEXTS),
        }
    )


