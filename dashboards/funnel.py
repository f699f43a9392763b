"""Compare municipalities without ranking them: shares by number of pupils, and what chance alone would make of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from dashboards.chart import Tick, count_step
from dashboards.language import Language
from dashboards.shown import Line

USUAL, RARE = 1.96, 3.09  # 95 of 100 municipalities, and 998 of 1,000, would lie within
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 320, 52, 16, 14, 46
STEPS = 40
FEW = 12  # so many municipalities can all bear their names
NAME_WIDTH, NAME_HEIGHT = 130, 12


class Dot(NamedTuple):
    """A municipality, placed: its published share, and the ends of what it may be."""

    x: float
    y: float
    low: float
    high: float
    name: str
    text: str
    href: str
    is_own: bool
    is_named: bool
    name_y: float = 0  # where its name stands


@dataclass(frozen=True)
class Funnel:
    """A plot, placed; nothing in it but published values."""

    name: str
    title: str
    description: str
    dots: list[Dot]
    usual: str  # points of an area
    rare: str
    middle: float
    across: list[Tick]
    upward: list[Tick]


def limits(share: float, pupils: float, width: float) -> tuple[float, float]:
    """Return between which percents a group of so many pupils would lie by chance, were it as the country is."""
    spread = width * sqrt(share * (1 - share) / pupils)
    return max(100 * (share - spread), 0), min(100 * (share + spread), 100)


def verdict(line: Line, country: Line) -> str:
    """Return within, above, below or unclear: whether a share lies where chance alone would put 95 of 100.

    Both ends of what the count may be must say so; where they disagree, nobody can tell. Of few pupils nothing is said
    (untold), nor where no count is shown (unseen).
    """
    if line.cell.status != "rounded":
        return "unseen"
    if not line.pupils or line.cell.share_range is None or not country.pupils or not country.cell.count:
        return "untold"
    low, high = limits(country.cell.count / country.pupils, line.pupils, USUAL)
    ends = [100 * (end or 0) / line.pupils for end in (line.cell.low, line.cell.high)]
    told = {"below" if end < low else "above" if end > high else "within" for end in ends}
    return told.pop() if len(told) == 1 else "unclear"


@dataclass(frozen=True)
class _Scale:
    """Where pupils and percents stand."""

    pupils: int
    percent: float

    def x(self, pupils: float) -> float:
        """Place pupils, more of them further apart from few: by the square root, as chance spreads."""
        return round(LEFT + (WIDTH - LEFT - RIGHT) * sqrt(pupils / self.pupils), 1)

    def y(self, percent: float) -> float:
        """Place a percent."""
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(percent / self.percent, 1), 1)


def _area(scale: _Scale, share: float, width: float) -> str:
    """Draw the limits from few pupils to many and back."""
    groups = [scale.pupils * (step / STEPS) ** 2 for step in range(3, STEPS + 1)]
    ends = [limits(share, pupils, width) for pupils in groups]
    upper = [(pupils, high) for pupils, (_, high) in zip(groups, ends, strict=True)]
    lower = [(pupils, low) for pupils, (low, _) in zip(groups, ends, strict=True)]
    return " ".join(f"{scale.x(pupils)},{scale.y(percent)}" for pupils, percent in [*upper, *reversed(lower)])


def _dots(lines: Sequence[Line], country: Line, scale: _Scale, own: str, language: Language) -> Iterator[Dot]:
    for line in lines:
        if not line.pupils or line.cell.share_range is None or line.cell.count is None:
            continue
        percents = [100 * (count or 0) / line.pupils for count in (line.cell.count, line.cell.low, line.cell.high)]
        at, low, high = (scale.y(percent) for percent in percents)
        is_own, text = bool(own) and line.href == own, f"{line.label}: {language.share(line.cell)}"
        is_named = is_own or (not own and (len(lines) <= FEW or verdict(line, country) in ("above", "below")))
        yield Dot(scale.x(line.pupils), at, low, high, line.label, text, line.href, is_own, is_named)


def _apart(dots: Sequence[Dot]) -> list[Dot]:
    """Move names down until none stands on another."""
    placed: list[Dot] = []
    for dot in dots:
        at = dot.y + 4
        while dot.is_named and any(abs(dot.x - o.x) < NAME_WIDTH and abs(at - o.name_y) < NAME_HEIGHT for o in placed):
            at += 1
        placed.append(dot._replace(name_y=round(at, 1) if dot.is_named else -HEIGHT))
    return placed


def lay_out(
    name: str, title: str, lines: Sequence[Line], country: Line, language: Language, own: str = ""
) -> Funnel | None:
    """Place the municipalities of a month; None where the country's share is not known or nobody's is.

    own: the page of the municipality that the plot is about.
    """
    told = [line for line in lines if line.pupils and line.cell.share_range is not None]
    if not told or not country.pupils or not country.cell.count:
        return None
    share = country.cell.count / country.pupils
    highest = max(100 * (line.cell.high or 0) / (line.pupils or 1) for line in told)
    largest = max(line.pupils or 0 for line in told)
    scale = _Scale(largest, max(highest, 200 * share) * 1.05)
    step, wide = count_step(int(scale.percent)), count_step(largest)
    verdicts = [verdict(line, country) for line in told]
    counted = {word: verdicts.count(word) for word in ("within", "above", "below", "unclear")}
    return Funnel(
        name,
        title,
        language.say("funnel", count=len(told), share=language.share(country.cell), **counted),
        _apart(sorted(_dots(told, country, scale, own, language), key=lambda dot: dot.is_own)),
        _area(scale, share, USUAL),
        _area(scale, share, RARE),
        scale.y(100 * share),
        [Tick(scale.x(pupils), language.number(pupils)) for pupils in range(wide, largest + 1, wide)],
        [Tick(scale.y(percent), language.percent(percent)) for percent in range(0, int(scale.percent) + 1, step)],
    )
