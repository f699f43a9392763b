"""Invented pupils: names, birth dates, and the traits that stay with a person."""

import numpy as np
import polars as pl

from models.reference.calendar import SchoolYear
from models.synthetic.names import FAMILY, GIVEN_FEMALE, GIVEN_MALE
from models.synthetic.parameters import Parameters
from models.synthetic.person_codes import person_codes
from models.synthetic.streams import Booleans, Integers, stream


def _births(rng: np.random.Generator, p: Parameters, year: SchoolYear, grade: Integers) -> np.ndarray:
    """Draw birth dates: a pupil turns six plus the grade in the calendar year in which the school year begins."""
    over_age = rng.random(len(grade)) < p.over_age
    born = year.first.year - 6 - grade - over_age
    first = (born - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    return first + rng.integers(0, 365, len(grade)).astype("timedelta64[D]")


def _named(rng: np.random.Generator, male: Booleans) -> dict[str, pl.Series]:
    given = np.where(male, rng.integers(0, len(GIVEN_MALE), len(male)), rng.integers(0, len(GIVEN_FEMALE), len(male)))
    family = rng.integers(0, len(FAMILY), len(male))
    names = pl.Series(GIVEN_MALE + GIVEN_FEMALE)
    families = pl.Series([masculine for masculine, _ in FAMILY] + [feminine for _, feminine in FAMILY])
    return {
        "given_name": names.gather(pl.Series(given + np.where(male, 0, len(GIVEN_MALE)))),
        "family_name": families.gather(pl.Series(family + np.where(male, 0, len(FAMILY)))),
    }


def newcomers(p: Parameters, year_no: int, year: SchoolYear, cells: pl.DataFrame, first_id: int) -> pl.DataFrame:
    """Return the people who enter a school year, one per row of `cells` (school, grade, effect, from_abroad)."""
    rng, count = stream(p.seed, "people", year_no), len(cells)
    grade = cells["grade"].to_numpy().astype(np.int64)
    male = rng.random(count) < p.male_share
    births = _births(rng, p, year, grade)
    immigrant = rng.random(count) < np.where(cells["from_abroad"].to_numpy(), 0.25, p.immigrant_share)
    trouble = rng.normal(0.0, 1.0, count) + p.school_effect * cells["effect"].to_numpy()
    skill = p.skill_mean + p.skill_trouble * trouble + p.skill_spread * rng.normal(0.0, 1.0, count)
    return pl.DataFrame(
        {
            "pupil": np.arange(first_id, first_id + count, dtype=np.int32),
            "birth_date": pl.Series(births).cast(pl.Date),
            "immigrant": immigrant,
            "sex": np.where(male, "M", "F"),
            **_named(rng, male),
            "trouble": trouble.astype(np.float32),
            "skill": skill.astype(np.float32),
            "seat": rng.random(count).astype(np.float32),
        }
    )


def with_codes(people: pl.DataFrame, p: Parameters) -> pl.DataFrame:
    """Add each person's code."""
    start = int(stream(p.seed, "person codes").integers(0, 1_000_000))
    codes = person_codes(people["birth_date"].to_numpy(), people["immigrant"].to_numpy(), start)
    return people.with_columns(person_code=pl.Series(codes))
