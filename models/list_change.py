"""What two lists of the same day tell differently: who entered, left, moved to another school, or has other reasons."""

import polars as pl

ENTERED, LEFT, MOVED, CHANGED = "entered", "left", "moved", "changed"
_TOLD = ("school_reg_no", "class_label", "reasons", "reasons_lv", "reasons_en")
_REASONS = ("reasons", "reasons_lv", "reasons_en")


def differences(then: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each pupil whose entry differs: change, and school, class and reasons `_then` and `_now`.

    then, now: pupil_key, school_reg_no, class_label, reasons, reasons_lv, reasons_en; a pupil stands on one list a day.
    Who has no reasons is listed for health alone, which is for the school: here that pupil is on no list.
    """
    sides = [
        frame.filter(pl.col("reasons").is_not_null()).select(
            "pupil_key", *(pl.col(name).alias(f"{name}_{side}") for name in _TOLD)
        )
        for side, frame in (("then", then), ("now", now))
    ]
    both = sides[0].join(sides[1], on="pupil_key", how="full", coalesce=True)
    same = pl.all_horizontal(pl.col(f"{n}_then").eq_missing(pl.col(f"{n}_now")) for n in ("school_reg_no", *_REASONS))
    named = both.filter(~same).with_columns(_change().alias("change"))
    school = pl.coalesce("school_reg_no_now", "school_reg_no_then").alias("school_reg_no")
    return named.with_columns(school).sort("school_reg_no", "change", "pupil_key")


def _change() -> pl.Expr:
    return (
        pl.when(pl.col("school_reg_no_then").is_null())
        .then(pl.lit(ENTERED))
        .when(pl.col("school_reg_no_now").is_null())
        .then(pl.lit(LEFT))
        .when(pl.col("school_reg_no_then") != pl.col("school_reg_no_now"))
        .then(pl.lit(MOVED))
        .otherwise(pl.lit(CHANGED))
    )
