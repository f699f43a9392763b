"""A map on which every municipality is a tile of one size, laid out like the country."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from dashboards.language import Language
from dashboards.shown import Line

TABLE = Path(__file__).with_name("tiles.csv")
CLASSES = 5


@dataclass(frozen=True)
class Tile:
    """A municipality, placed; `level` is its class of share, 0 where no share is told."""

    code: str
    row: int
    column: int
    label: str
    text: str
    href: str
    level: int
    status: str


@dataclass(frozen=True)
class TileMap:
    """All tiles, and what the classes mean."""

    tiles: list[Tile]
    classes: list[str]


@cache
def layout() -> dict[str, tuple[int, int]]:
    """Return row and column of each municipality by its code, from 1 on."""
    table = pl.read_csv(TABLE, schema_overrides={"atvk_code": pl.String})
    return {code: (row + 1, column + 1) for code, row, column in table.rows()}


def _short(name: str, others: Sequence[str]) -> str:
    """Leave out what names of municipalities share, or shorten it where a city has the same name."""
    bare = name.removesuffix(" novads").removesuffix(" Municipality")
    if bare != name and bare in others:
        return f"{bare} {name[len(bare) + 1 :][:3].lower()}."
    return bare


def _step(lines: Sequence[Line]) -> int:
    """Return how many percents a class is wide, so that the highest share lies in the last: 1, 2, 5, 10 or 20."""
    highest = max((line.cell.share or 0 for line in lines), default=0)
    return next(step for step in (1, 2, 5, 10, 20) if highest < step * CLASSES or step == 20)


def lay_out(lines: Sequence[Line], language: Language) -> TileMap:
    """Place the municipalities of a month; one without a tile stands in the table alone."""
    step, tiles, names = _step(lines), [], [line.label for line in lines]
    for line in lines:
        code = line.href.removesuffix(".html")
        if code in layout() and not line.note:
            row, column = layout()[code]
            level = 0 if line.cell.share is None else min(line.cell.share // step, CLASSES - 1) + 1
            text = language.share(line.cell) if line.cell.status == "rounded" else language.text(line.cell)
            tiles.append(Tile(code, row, column, _short(line.label, names), text, line.href, level, line.cell.status))
    ends = [language.say("percent", percent=language.span(n * step, (n + 1) * step)) for n in range(CLASSES - 1)]
    last = language.say("percent_from", percent=language.number((CLASSES - 1) * step))
    return TileMap(sorted(tiles, key=lambda tile: (tile.row, tile.column)), [*ends, last])
