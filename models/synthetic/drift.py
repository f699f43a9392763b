"""How far a pupil has drifted away on a given school day: before leaving, in a dip that ends, in a hard term."""

import numpy as np

from models.synthetic.chunk import Chunk
from models.synthetic.streams import Floats, Integers


def _toward_leaving(chunk: Chunk, day: Floats) -> Floats:
    """Return 0 before the drift and 1 on the day of leaving, as (pupils, days)."""
    length, stop = chunk.column("drift_days")[:, None], chunk.column("stop")[:, None].astype(np.float32)
    return ((day - (stop - length)) / length).clip(0, 1)


def _in_dip(chunk: Chunk, day: Floats) -> Floats:
    middle, half = chunk.column("dip_middle")[:, None], chunk.column("dip_half")[:, None]
    return (1 - np.abs(day - middle) / half).clip(0, None)


def drift(chunk: Chunk, days: Integers) -> tuple[Floats, Floats]:
    """Return the drift in attendance and in marks on days of the year, 0 to about 0.5, as (pupils, days)."""
    p, day = chunk.parameters, days.astype(np.float32)
    leaving, dip = _toward_leaving(chunk, day), _in_dip(chunk, day)
    strength, dip_strength = chunk.column("drift")[:, None], chunk.column("dip")[:, None]
    hard = chunk.column("hard_term")[:, None] * (day > chunk.column("dip_middle")[:, None])
    in_attendance = strength * leaving**0.8 + dip_strength * dip
    in_marks = (p.drift_in_marks * strength).clip(max=p.drift_in_marks_most) * leaving + dip_strength * dip + hard
    return in_attendance.astype(np.float32), in_marks.astype(np.float32)
