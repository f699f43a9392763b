"""The invented country as a whole: its schools, its people, and the spells of each school year."""

from dataclasses import dataclass

import polars as pl

from models.reference.calendar import SchoolYear
from models.synthetic.parameters import Parameters
from models.synthetic.rolls import build_rolls, years_of
from models.synthetic.schools import build_schools
from models.synthetic.spells import build_spells, chunk_edges

CHUNK = 4000  # pupils simulated at once; part of what a seed means, so never a matter of the machine


@dataclass(frozen=True, eq=False)
class Country:
    """Frames of one invented country; `spells` and `chunks` (row ranges of whole schools) have one entry a year."""

    parameters: Parameters
    years: tuple[SchoolYear, ...]
    schools: pl.DataFrame
    people: pl.DataFrame
    spells: tuple[pl.DataFrame, ...]
    chunks: tuple[list[tuple[int, int]], ...]


def build_country(parameters: Parameters) -> Country:
    """Draw a country from its parameters; equal parameters give an equal country."""
    schools = build_schools(parameters)
    people, rolls = build_rolls(parameters, schools)
    years = years_of(parameters)
    world = {"schools": schools, "people": people}
    spells = tuple(
        build_spells(parameters, year, following, roll, world)
        for year, following, roll in zip(years, (*years[1:], None), rolls, strict=True)
    )
    return Country(parameters, years, schools, people, spells, tuple(chunk_edges(s, CHUNK) for s in spells))
