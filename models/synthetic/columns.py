"""Arrow columns from arrays: dictionary-coded text, dates from day numbers, empty where a mask says so."""

from functools import lru_cache

import numpy as np
import pyarrow as pa

from models.synthetic.chunk import Chunk
from models.synthetic.streams import Booleans, Integers


@lru_cache(maxsize=64)
def _dictionary(values: tuple[str, ...]) -> pa.Array:
    return pa.array(values, pa.string())


def text(positions: Integers, values: tuple[str, ...] | pa.Array) -> pa.DictionaryArray:
    """Write `values[positions]` as a dictionary-coded column."""
    dictionary = _dictionary(values) if isinstance(values, tuple) else values
    return pa.DictionaryArray.from_arrays(pa.array(positions), dictionary, safe=False)


def dates(day_numbers: Integers, empty: Booleans | None = None) -> pa.Array:
    """Write days since 1970 as dates."""
    return pa.array(day_numbers.astype(np.int32, copy=False), mask=empty).view(pa.date32())


def small(values: Integers) -> pa.Array:
    """Write small whole numbers as int8."""
    return pa.array(values.astype(np.int8, copy=False))


def pupil(chunk: Chunk, rows: Integers) -> dict[str, pa.Array]:
    """Write person_code and school_reg_no of rows of a chunk's spells."""
    schools, position = np.unique(chunk.column("school_reg_no"), return_inverse=True)
    return {
        "person_code": text(rows, chunk.spells["person_code"].to_arrow().cast(pa.string())),
        "school_reg_no": text(position.astype(np.int16)[rows], tuple(schools.tolist())),
    }
