"""Invented schools in real municipalities: how many, where, how large, which grades."""

from datetime import date

import numpy as np
import polars as pl

from models.reference.municipality import units
from models.synthetic.names import KIND_WORDS, SCHOOL_WORDS
from models.synthetic.parameters import Parameters
from models.synthetic.streams import Integers, apportion, pick, pick_distinct, stream

REFORM = date(2021, 7, 1)
MERGER = date(2025, 7, 1)
MADONA = "0038000"
INVENTED_PREFIX = 9_900_000_000  # no register number begins with 99


def _general_sizes(p: Parameters, pupils: int) -> Integers:
    """Draw sizes that add up; cutting off the extremes and scaling disagree a little less with every turn."""
    count = max(1, round(pupils / p.mean_school))
    sizes = stream(p.seed, "school sizes").lognormal(0.0, p.school_spread, count)
    largest = max(p.largest_school, 2 * pupils // count)
    for _ in range(20):
        sizes = np.clip(sizes * pupils / sizes.sum(), p.smallest_school, largest)
    return apportion(sizes, pupils)


def _even_sizes(pupils: int, mean: float) -> Integers:
    count = max(1, round(pupils / mean)) if pupils else 0
    return apportion(np.ones(count), pupils) if count else np.zeros(0, np.int64)


def _sizes(p: Parameters) -> dict[str, Integers]:
    vocational = round(p.vocational_share * p.pupils) if p.pupils >= p.vocational_from else 0
    special = round(p.special_share * p.pupils) if p.special_share * p.pupils >= p.special_mean / 2 else 0
    return {
        "general": _general_sizes(p, p.pupils - vocational - special),
        "special": _even_sizes(special, p.special_mean),
        "vocational": _even_sizes(vocational, p.vocational_mean),
    }


def _chosen_units(p: Parameters, schools: int) -> tuple[list[str], list[float]]:
    """Choose municipalities by size; from three on, Madona is among them, so that its merger of 2025 shows."""
    table = units(REFORM)
    codes, weights = table["atvk_code"].to_list(), table["residents_thousand"].to_numpy().astype(float)
    count = min(len(codes), schools, max(2, round(schools / p.schools_per_municipality)))
    urgent = np.where(np.array(codes) == MADONA, 1e9, weights) if count >= 3 else weights
    chosen = pick_distinct(stream(p.seed, "municipalities"), urgent, count)
    return [codes[i] for i in chosen], [float(weights[i]) for i in chosen]


def _places(p: Parameters, schools: int) -> list[str]:
    """Give every chosen municipality a school and the others to the larger ones; codes in ascending order."""
    codes, weights = _chosen_units(p, schools)
    more = pick(stream(p.seed, "school places"), np.array(weights), schools - len(codes))
    return sorted(codes + [codes[i] for i in more])


def _teaching(p: Parameters, sizes: Integers, kinds: list[str]) -> list[str]:
    chance = stream(p.seed, "secondary schools").random(len(sizes))
    secondary = (sizes >= p.secondary_from) & (chance < p.secondary_chance)
    first_general = kinds.index("general")
    if not secondary.any():
        secondary[first_general] = True
    word = {"general": "basic", "special": "special", "vocational": "vocational"}
    return [
        "secondary" if kind == "general" and is_secondary else word[kind]
        for kind, is_secondary in zip(kinds, secondary, strict=True)
    ]


def _name(number: int, teaching: str) -> str:
    turn, word = divmod(number, len(SCHOOL_WORDS))
    ordinal = f" {turn + 1}." if turn else ""
    return f"{SCHOOL_WORDS[word]}{ordinal} {KIND_WORDS[teaching]}"


def _founders(p: Parameters, kinds: list[str]) -> list[str]:
    private = stream(p.seed, "founders").random(len(kinds)) < 0.12
    return [
        "state" if kind == "vocational" else "private" if kind == "general" and own else "municipality"
        for kind, own in zip(kinds, private, strict=True)
    ]


def build_schools(p: Parameters) -> pl.DataFrame:
    """Return one row per school, ordered by register number: place, kind, size, grades and habits."""
    sizes = _sizes(p)
    kinds = [kind for kind, of_kind in sizes.items() for _ in of_kind]
    size = np.concatenate(list(sizes.values()))
    order = stream(p.seed, "school order").permutation(len(kinds))
    kinds, size = [kinds[i] for i in order], size[order]
    teaching = _teaching(p, size, kinds)
    count, habits = len(kinds), stream(p.seed, "school habits")
    return pl.DataFrame(
        {
            "school": np.arange(count, dtype=np.int32),
            "school_reg_no": [str(INVENTED_PREFIX + 1_000_017 + 37 * i) for i in range(count)],
            "name": [_name(i, word) for i, word in enumerate(teaching)],
            "atvk_code": _places(p, count),
            "kind": kinds,
            "teaching": teaching,
            "founder": _founders(p, kinds),
            "size": size,
            "effect": habits.normal(0.0, 1.0, count).astype(np.float32),
            "brackets": habits.random(count) < p.bracket_schools,
            "free_week": habits.integers(0, 4, count).astype(np.int32),
        }
    )


def institutions(schools: pl.DataFrame) -> pl.DataFrame:
    """Return the institution register: one row per school and validity, two where the municipality was merged."""
    successors = units(REFORM).select("atvk_code", "successor_atvk")
    told = schools.join(successors, on="atvk_code", maintain_order="left")
    merged = pl.col("successor_atvk").is_not_null()
    last = pl.when(merged).then(pl.lit(date(2025, 6, 30))).otherwise(None).cast(pl.Date)
    before = told.with_columns(valid_from=pl.lit(REFORM), valid_to=last)
    after = told.filter(merged).with_columns(
        atvk_code="successor_atvk", valid_from=pl.lit(MERGER), valid_to=pl.lit(None, pl.Date)
    )
    columns = ("school_reg_no", "valid_from", "name", "atvk_code", "kind", "founder", "valid_to")
    return pl.concat([before, after]).select(columns).sort("school_reg_no", "valid_from")


def current_code(schools: pl.DataFrame, on: date) -> list[str]:
    """Return each school's ATVK code on a day, in school order."""
    successors = dict(units(REFORM).select("atvk_code", "successor_atvk").iter_rows())
    codes = schools["atvk_code"].to_list()
    return [successors[code] or code for code in codes] if on >= MERGER else codes


def grade_weights(p: Parameters, teaching: str) -> np.ndarray:
    """Return the relative number of pupils in grades 1 to 13 of a school."""
    weights = np.zeros(13)
    if teaching == "vocational":
        weights[9:] = (1.0, 0.9, 0.8, 0.6)
        return weights
    weights[:9] = 1.0
    if teaching == "secondary":
        weights[9:12] = p.secondary_pull
    return weights
