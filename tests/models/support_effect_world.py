"""Invented pupils whose support has a known effect: level, passing shocks, seasons, schools, and starts chosen by need.

A school chooses by what it sees in the last weeks (a dip), by what it knows of the pupil (the level), or by both; no
number of how it chooses is known to what is tested.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

FIRST_WEEK = date(2023, 9, 4)
SUMMERS = ((39, 52), (91, 104))  # weeks without lessons, counted from the first
HOLIDAYS = (7, 16, 17, 27, 59, 68, 69, 79)
NEVER = 10_000


@dataclass(frozen=True)
class World:
    """What a world is made of; shares of lessons missed, weeks."""

    pupils: int = 1600
    schools: int = 40
    weeks: int = 91
    effect: float = 0.0
    on_dip: float = 1.0
    on_level: float = 0.0
    supported_share: float = 0.13
    level: float = 0.12
    level_spread: float = 0.06
    shock: float = 0.07
    lasting: float = 0.5
    spell_chance: float = 0.02
    spell: float = 0.3
    season_by_level: float = 0.5
    drift_before: float = 0.0
    unseen: float = 0.04
    gone_if_supported: float = 0.0
    dip_weeks: int = 3
    first_start: int = 20
    last_start: int = 76
    programmes: tuple[str, ...] = ("own", "skola_kopiena")


@dataclass(frozen=True)
class Made:
    """Panel and starts as the estimator takes them, and the mean effect on the supported pupils that is in them."""

    panel: pl.DataFrame
    starts: pl.DataFrame
    truth: float = field(default=0.0)


def made(world: World, seed: int) -> Made:
    """Make a world: without support first, then starts chosen in it, then what support changed."""
    rng = np.random.default_rng([seed, 8])
    school = rng.integers(0, world.schools, world.pupils)
    level = world.level + world.level_spread * rng.gamma(2.0, 0.7071, world.pupils) - world.level_spread * 1.4142
    raw = level[:, None] + _school_shocks(world, rng)[school] + _shocks(world, rng)
    raw += _season(world.weeks)[None, :] * (1 + world.season_by_level * (level[:, None] / world.level - 1))
    start = _starts(world, rng, raw, level)
    since = np.arange(world.weeks)[None, :] - start[:, None]
    raw += world.drift_before * np.clip(since + 30, 0, 30) * (start < NEVER)[:, None]
    without = np.clip(raw, 0, 1)
    with_support = np.clip(raw + world.effect * (since >= 0), 0, 1)
    seen = _seen(world, rng, since)
    lessons = 30
    drawn = np.where(seen, rng.binomial(lessons, np.where(since >= 0, with_support, without)) / lessons, np.nan)
    counted = (since >= 3) & (since <= 14) & seen
    truth = float((with_support - without)[counted].mean()) if counted.any() else 0.0
    return Made(_panel(drawn, school, rng), _plans(world, start, rng), truth)


def _shocks(world: World, rng: np.random.Generator) -> np.ndarray:
    """Shocks that fade: a little every week, and spells that come at once and fade slowly."""
    fresh = rng.normal(0, world.shock * np.sqrt(1 - world.lasting**2), (world.pupils, world.weeks + 20))
    fresh += (rng.random(fresh.shape) < world.spell_chance) * rng.exponential(world.spell, fresh.shape)
    shock = np.zeros_like(fresh)
    for week in range(1, fresh.shape[1]):
        shock[:, week] = world.lasting * shock[:, week - 1] + fresh[:, week]
    return shock[:, 20:]


def _school_shocks(world: World, rng: np.random.Generator) -> np.ndarray:
    lasting = rng.normal(0, 0.02, (world.schools, 1))
    return lasting + rng.normal(0, 0.015, (world.schools, world.weeks))


def _season(weeks: int) -> np.ndarray:
    """Illness in winter, tiredness in spring."""
    week = np.arange(weeks) % 52
    return 0.05 * np.exp(-(((week - 22) / 5) ** 2)) + 0.03 * np.exp(-(((week - 36) / 4) ** 2))


def _starts(world: World, rng: np.random.Generator, raw: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Choose, week after week, among pupils without support those whose need looks largest."""
    start = np.full(world.pupils, NEVER)
    weeks = [week for week in range(world.first_start, world.last_start) if _is_school(week)]
    per_week = world.supported_share * world.pupils / max(len(weeks), 1)
    apart = level.std() or 1.0
    for week in weeks:
        recent = raw[:, week - world.dip_weeks : week].mean(axis=1) - level
        need = world.on_dip * recent / (recent.std() or 1.0) + world.on_level * (level - level.mean()) / apart
        chance = np.exp(1.2 * need) * (start == NEVER)
        chosen = rng.choice(world.pupils, rng.poisson(per_week), replace=False, p=chance / chance.sum())
        start[chosen] = week
    return start


def _is_school(week: int) -> bool:
    return week not in HOLIDAYS and not any(first <= week < last for first, last in SUMMERS)


def _seen(world: World, rng: np.random.Generator, since: np.ndarray) -> np.ndarray:
    seen = rng.random(since.shape) >= world.unseen
    seen &= np.array([_is_school(week) for week in range(world.weeks)])[None, :]
    gone = rng.random(len(since)) < world.gone_if_supported
    return seen & ~(gone[:, None] & (since >= 4))


def _panel(drawn: np.ndarray, school: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    pupils, weeks = drawn.shape
    grade = rng.integers(5, 10, pupils)
    keys = pl.Series([f"p{n:06d}" for n in range(pupils)])
    pupil = np.repeat(np.arange(pupils), weeks)
    days = pl.Series([FIRST_WEEK + timedelta(weeks=n) for n in range(weeks)])
    rows = pl.DataFrame(
        {
            "pupil_key": keys.gather(pupil),
            "week": days.gather(np.tile(np.arange(weeks), pupils)),
            "outcome": drawn.ravel(),
            "school_reg_no": pl.Series([f"{n:010d}" for n in range(int(school.max()) + 1)]).gather(school[pupil]),
            "school_kind": "general",
            "grade": grade[pupil].astype(np.int32),
        }
    )
    return rows.with_columns(pl.col("outcome").fill_nan(None))


def _plans(world: World, start: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    pupil = np.flatnonzero(start < NEVER)
    days = rng.integers(0, 5, len(pupil))
    return pl.DataFrame(
        {
            "pupil_key": [f"p{n:06d}" for n in pupil],
            "started_on": [
                FIRST_WEEK + timedelta(weeks=int(start[n]), days=int(d)) for n, d in zip(pupil, days, strict=True)
            ],
            "programme": [world.programmes[n] for n in rng.integers(0, len(world.programmes), len(pupil))],
        },
        schema={"pupil_key": pl.String, "started_on": pl.Date, "programme": pl.String},
    )
