"""A chunk: whole schools simulated together for one school year, with their classes and timetable."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.reference.calendar import SchoolYear
from models.synthetic.country import Country
from models.synthetic.fates import bands
from models.synthetic.parameters import Parameters
from models.synthetic.streams import Booleans, Integers
from models.synthetic.timetable import build_timetables
from models.synthetic.year_days import open_days


@dataclass(frozen=True)
class Chunk:
    """Schools of one year: `spells` (one row a pupil), `classes`, and arrays that speak of them by row number."""

    parameters: Parameters
    key: tuple[int, int]
    year: SchoolYear
    spells: pl.DataFrame
    classes: pl.DataFrame
    class_of: Integers
    band: Integers
    timetable: Integers
    is_open: Booleans

    def column(self, name: str) -> np.ndarray:
        """Return one column of the spells as an array."""
        return self.spells[name].to_numpy()


def _classes(spells: pl.DataFrame) -> pl.DataFrame:
    columns = ("school", "grade", "class_no", "school_reg_no", "class_label", "kind", "free_week")
    return spells.select(columns).unique(("school", "grade", "class_no"), maintain_order=True).sort(columns[:3])


def open_chunk(country: Country, year_no: int, chunk_no: int) -> Chunk:
    """Take a chunk of a country and lay out its classes and timetable."""
    low, high = country.chunks[year_no][chunk_no]
    p, year, spells = country.parameters, country.years[year_no], country.spells[year_no][low:high]
    key = (year.first.year, chunk_no)
    classes = _classes(spells).with_row_index("class")
    class_of = spells.join(classes, on=("school", "grade", "class_no"), maintain_order="left")["class"].to_numpy()
    grade, trade = classes["grade"].to_numpy(), (classes["kind"] == "vocational").to_numpy()
    return Chunk(
        parameters=p,
        key=key,
        year=year,
        spells=spells,
        classes=classes,
        class_of=class_of.astype(np.int32),
        band=bands(spells["grade"].to_numpy(), (spells["kind"] == "vocational").to_numpy()),
        timetable=build_timetables(p, key, grade, bands(grade, trade)),
        is_open=open_days(year, grade, trade, classes["free_week"].to_numpy()),
    )
