"""What becomes of a pupil within a school year: stays, changes school, leaves early, moves abroad; and how it shows."""

import numpy as np
import polars as pl

from models.reference.calendar import SchoolYear
from models.synthetic.parameters import Parameters
from models.synthetic.places import destinations
from models.synthetic.streams import Booleans, Floats, Integers, stream, uniform
from models.synthetic.year_days import ends

FATES = ("drifts_out", "leaves_unseen", "abroad", "transfers")
LEAVING = ("drifts_out", "leaves_unseen")
GOING_ON = ("stays", "transfers")
FIRST_EXIT = 10  # school days after which somebody may leave or change school
LATE_BY = 5  # school days after which an entry counts as late
DAYS_A_WEEK = 5


def bands(grade: Integers, vocational: Booleans) -> Integers:
    """Return 0 to 4: grades 1-3, 4-6, 7-9, 10-12, vocational years."""
    return np.where(vocational, 4, np.digitize(grade, (4, 7, 10)))


def _leaving_rate(p: Parameters, grade: Integers, vocational: Booleans) -> Floats:
    general, trade = np.array(p.leaving_general), np.array(p.leaving_vocational)
    return np.where(vocational, trade[(grade - 10).clip(0)], general[(grade - 1).clip(max=len(general) - 1)])


def _fates(p: Parameters, rng: np.random.Generator, roll: pl.DataFrame) -> np.ndarray:
    """Draw each pupil's fate; trouble makes drifting out likelier and changes none of the others."""
    trouble = roll["trouble"].to_numpy()
    rate = _leaving_rate(p, roll["grade"].to_numpy(), (roll["kind"] == "vocational").to_numpy())
    tilt = np.exp(p.leaving_slope * trouble - p.leaving_slope**2 * trouble.var() / 2)
    chances = (rate * (1 - p.non_academic) * tilt, rate * p.non_academic, p.abroad, p.transfer)
    edges = np.cumsum([np.broadcast_to(chance, len(roll)) for chance in chances], axis=0)
    drawn = (rng.random(len(roll)) >= edges).sum(axis=0)
    return np.array([*FATES, "stays"], dtype=object)[drawn]


def _new_schools(rng: np.random.Generator, roll: pl.DataFrame, cells: pl.DataFrame) -> Integers:
    """Draw a school of the same grade and kind for every transfer; -1 for all others."""
    to_school = np.full(len(roll), -1, np.int32)
    trade = (roll["kind"] == "vocational").to_numpy()
    moves, grade, home = (roll[name].to_numpy() for name in ("fate", "grade", "atvk_code"))
    for level, vocational in cells.select("grade", pl.col("kind") == "vocational").unique(maintain_order=True).rows():
        who = (moves == "transfers") & (grade == level) & (trade == vocational)
        places = cells.filter((pl.col("grade") == level) & ((pl.col("kind") == "vocational") == vocational))
        to_school[who] = destinations(rng, places, home[who])
    return to_school


def _with_transfers(rng: np.random.Generator, roll: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Settle where transfers go; whoever finds no other school stays."""
    drawn = pl.Series("to_school", _new_schools(rng, roll, cells))
    moves = (drawn >= 0) & (drawn != roll["school"])
    return roll.with_columns(
        to_school=pl.when(moves).then(drawn).otherwise(None),
        fate=pl.when((pl.col("fate") == "transfers") & ~moves).then(pl.lit("stays")).otherwise("fate"),
    )


def _stays(p: Parameters, rng: np.random.Generator, year: SchoolYear, roll: pl.DataFrame) -> pl.DataFrame:
    """Set the day indices between which a pupil is on roll: start, and stop, the first day no longer."""
    grade, trade = roll["grade"].to_numpy(), (roll["kind"] == "vocational").to_numpy()
    end = ends(year, grade, trade)
    stays = (roll["fate"] == "stays").to_numpy()
    is_new = roll["is_new"].to_numpy()
    late = stays & is_new & (rng.random(len(roll)) * is_new.mean() < p.late_entry)
    start = np.where(late, rng.integers(LATE_BY, end - 40), 0)
    stop = np.where(stays, end, rng.integers(FIRST_EXIT, end - 1))
    return roll.with_columns(start=pl.Series(start, dtype=pl.Int32), stop=pl.Series(stop, dtype=pl.Int32))


def _repeats(p: Parameters, rng: np.random.Generator, roll: pl.DataFrame) -> pl.Series:
    """Choose who will repeat the grade: the weakest in marks, among those who stay."""
    weak = np.exp(-1.2 * (roll["skill"].to_numpy() - p.skill_mean) + 0.5 * rng.normal(0.0, 1.0, len(roll)))
    weak *= (roll["fate"] == "stays").to_numpy()
    return pl.Series(weak >= np.quantile(weak, 1 - p.repeating)) & (roll["fate"] == "stays")


def _drift(p: Parameters, rng: np.random.Generator, roll: pl.DataFrame) -> dict[str, np.ndarray]:
    """Draw the drift that ends in leaving: how strong, and over how many school days."""
    drifts = (roll["fate"] == "drifts_out").to_numpy()
    amplitude = uniform(rng, p.drift_amplitude, len(roll))
    return {
        "drift": np.where(drifts, amplitude, np.float32(0)),
        "drift_days": DAYS_A_WEEK * uniform(rng, p.drift_weeks, len(roll)),
    }


def _dips(p: Parameters, rng: np.random.Generator, roll: pl.DataFrame, days: int) -> dict[str, np.ndarray]:
    """Draw what looks like a drift and is none: a dip that recovers, a hard term in marks alone."""
    count, lasting = len(roll), ~roll["fate"].is_in(LEAVING).to_numpy()
    dips = lasting & (rng.random(count) < p.lookalike)
    hard = lasting & ~dips & (rng.random(count) < p.hard_term)
    return {
        "dip": np.where(dips, uniform(rng, p.lookalike_amplitude, count), np.float32(0)),
        "dip_middle": uniform(rng, (0.0, float(days)), count),
        "dip_half": DAYS_A_WEEK * uniform(rng, (1.5, 6.0), count),
        "hard_term": np.where(hard, np.float32(0.3), np.float32(0)),
    }


def _habits(p: Parameters, rng: np.random.Generator, roll: pl.DataFrame) -> dict[str, np.ndarray]:
    """Draw the year's propensities: illness, skipping, lateness, sport."""
    count, trouble = len(roll), roll["trouble"].to_numpy()
    band = bands(roll["grade"].to_numpy(), (roll["kind"] == "vocational").to_numpy())
    noise = rng.normal(0.0, 1.0, (3, count)).astype(np.float32)
    skipping = p.skipping * np.array(p.skipping_by_band)[band] * np.exp(p.skipping_slope * trouble + 0.5 * noise[0])
    athlete = rng.random(count) < p.athlete
    return {
        "sick": (p.sick_spells * np.exp(0.25 * trouble + 0.4 * noise[1] - 0.1)).astype(np.float32),
        "skipping": skipping.clip(max=0.2).astype(np.float32),
        "lateness": (p.coming_late * np.exp(0.4 * trouble + 0.6 * noise[2] - 0.25)).clip(max=0.15).astype(np.float32),
        "away": np.where(athlete, np.float32(p.athlete_days), np.float32(p.excused_days)),
    }


def with_fates(p: Parameters, year_no: int, year: SchoolYear, roll: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Add to a year's roll its fates, its days on roll (start, stop) and its propensities."""
    rng = stream(p.seed, "fates", year_no)
    roll = roll.with_columns(fate=pl.Series(_fates(p, rng, roll), dtype=pl.String))
    roll = _stays(p, rng, year, _with_transfers(rng, roll, cells))
    roll = roll.with_columns(repeats=_repeats(p, rng, roll))
    days = int(roll["stop"].to_numpy().max())
    columns = _drift(p, rng, roll) | _dips(p, rng, roll, days) | _habits(p, rng, roll)
    return roll.with_columns(**{name: pl.Series(values) for name, values in columns.items()})
