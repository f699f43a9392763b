"""Dates in a form that a person writes down, such as dd.mm.yyyy. or mm/dd/yy; ISO dates are always understood."""

import re
from dataclasses import dataclass

import polars as pl

_TOKENS = {"yyyy": (r"\d{4}", "%Y"), "yy": (r"\d{2}", "%y"), "mm": (r"\d{1,2}", "%m"), "dd": (r"\d{1,2}", "%d")}
_FORM = re.compile(r"(?:yyyy|yy|mm|dd)(?:[./ -]{0,2}(?:yyyy|yy|mm|dd)){1,2}\.?")
_ISO = r"^(\d{4}-\d{2}-\d{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?$"
_SCHOOL_YEAR = re.compile(r"(20\d\d)/(20\d\d)")
_AUGUST = 8


class WrongForm(ValueError):
    """A form of dates that cannot be followed; the message says why and what to write."""


@dataclass(frozen=True)
class DateForm:
    """One form of dates; without a year in it, the school year tells the year."""

    pattern: str
    layout: str
    first_year: int | None = None

    def read(self, text: pl.Expr) -> pl.Expr:
        """Write how to read a column of this form as dates; null where a value is of another form."""
        plain = text.str.strip_chars().str.strip_chars_end(".")
        fits = plain.str.contains(self.pattern)
        if self.first_year is None:
            return pl.when(fits).then(plain).str.to_date(self.layout, strict=False)
        dated = [
            pl.concat_str(plain, pl.lit(f"~{year}")).str.to_date(f"{self.layout}~%Y", strict=False)
            for year in (self.first_year, self.first_year + 1)
        ]
        first, second = (pl.when(fits).then(day) for day in dated)
        return pl.coalesce(
            pl.when(first.dt.month() >= _AUGUST).then(first), pl.when(second.dt.month() < _AUGUST).then(second)
        )


def parse_form(form: str, school_year: str = "") -> DateForm:
    """Read a form; WrongForm if it is none, if it could be confused with another, or if its year is not told."""
    parts = re.findall(r"yyyy|yy|mm|dd", form)
    kinds = sorted(part[0] for part in parts)
    if not _FORM.fullmatch(form) or kinds not in (["d", "m"], ["d", "m", "y"]):
        raise WrongForm("a form of dates has dd, mm and yyyy or yy once each, such as dd.mm.yyyy. or yyyy-mm-dd")
    if "." in form and parts.index("mm") < parts.index("dd") and parts[0] == "mm":
        raise WrongForm("with dots the day stands first, and the door reads it so; ask for an export as yyyy-mm-dd")
    years = _SCHOOL_YEAR.fullmatch(school_year)
    if "y" not in kinds and not (years and int(years[2]) == int(years[1]) + 1):
        raise WrongForm("this form has no year: say the school year beside it, such as `school_year: 2025/2026`")
    plain = form.rstrip(".")
    split = re.split(r"(yyyy|yy|mm|dd)", plain)
    pattern = "".join(_TOKENS[part][0] if part in _TOKENS else re.escape(part) for part in split)
    layout = "".join(_TOKENS[part][1] if part in _TOKENS else part for part in split)
    return DateForm(f"^{pattern}$", layout, int(years[1]) if years and "y" not in kinds else None)


def read_days(text: pl.Expr, forms: tuple[DateForm, ...]) -> pl.Expr:
    """Write how to read a column as dates: ISO, or the first form that fits; null where none does."""
    iso = text.str.strip_chars().str.extract(_ISO, 1).str.to_date("%Y-%m-%d", strict=False)
    return pl.coalesce(iso, *(form.read(text) for form in forms))
