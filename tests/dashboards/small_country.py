"""A small country, released: gaps in time, a group too small, a month without records, a municipality that ended."""

from datetime import date

import polars as pl

from models.disclosure import CountTable, Protected, protect

MONTHS = ["2025-11", "2025-12", "2026-01", "2026-03", "2026-04", "2026-05"]
PLACES = [("0001000", "Rīga", "Rīga", 41_234), ("0023000", "Ādažu novads", "Ādaži Municipality", 1_500)]
ENDED = ("0038000", "Madonas novads", "Madona Municipality", 79)
LABELS = {
    "unexcused_10": {
        "lv": "Neattaisnoti kavējumi: 10 un vairāk",
        "en": "Unexcused absence: 10 or more",
        "definition_lv": "Šajā semestrī neattaisnoti kavētas vismaz 10 stundas.",
        "definition_en": "At least 10 lessons <this semester> missed without excuse.",
    }
}
META = {"as_of": date(2026, 6, 1), "known_on": date(2026, 6, 3), "pipeline_version": "0.1.0", "labels": LABELS}
FEW = {("2025-12", "0023000"): 4}
AT_RISK = {
    "0001000": [4_100, 4_200, 4_300, 4_400, 4_500, 4_617],
    "0023000": [100, 3, 110, 120, None, 131],  # few pupils in December, no records in April
    "0038000": [9, 8, 7, None, None, None],
}


def _row(month: str, code: str, lv: str, en: str, pupils: int, at_risk: int | None) -> dict:
    year, number = int(month[:4]), int(month[5:])
    as_of = date(year + number // 12, number % 12 + 1, 1)
    unexcused = None if at_risk is None else at_risk // 2
    names = {"atvk_code": code, "name_lv": lv, "name_en": en}
    counts = {"pupils_at_risk": at_risk, "pupils_raised_unexcused_10": unexcused, "pupils_raised_no_label": unexcused}
    return {"period": month, "as_of": as_of, **names, "pupils": pupils, **counts}


def inner() -> pl.DataFrame:
    """Return the pupils of each municipality, all of them in general education."""
    rows = [
        _row(month, *place[:3], FEW.get((month, place[0]), place[3]), AT_RISK[place[0]][i])
        for i, month in enumerate(MONTHS)
        for place in (*PLACES, *([ENDED] if i < 3 else []))
    ]
    return pl.DataFrame(rows).with_columns(kind=pl.lit("general"))


def published() -> list[Protected]:
    places = inner().drop("kind")
    totals = places.group_by("period", "as_of", maintain_order=True).agg(pl.col("^pupils.*$").sum())
    kinds = totals.with_columns(
        kind=pl.lit("general"), name_lv=pl.lit("vispārējā izglītība"), name_en=pl.lit("general education")
    )
    tables = [
        CountTable("municipality_month_risk", places, ("atvk_code",)),
        CountTable("school_type_month_risk", kinds, ("kind",)),
        CountTable("country_month_risk", totals, ()),
    ]
    return protect(tables, inner(), secret=b"key")
