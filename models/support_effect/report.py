"""Write what the comparison says, in the words of a careful statistician for a reader who decides about support."""

from collections.abc import Sequence

from models.support_effect.result import ALL, NOT_TOLD, REASONS, SupportEffect

_HEADS = (
    "| programme | began support | compared | before and after | of it, anyway | effect of support |"
    " interval | would be seen from |"
)
_RULE = "|---|--:|--:|--:|--:|--:|--:|--:|"
_NOTE = (
    "All numbers are percentage points of lessons missed; below zero is fewer. *Before and after* is what a school "
    "sees: weeks 4 to 15 after the start against the four weeks before it. *Of it, anyway* is the part that pupils "
    "alike, who had no plan then, let expect without support: a bad month passes by itself. *Would be seen from* is "
    "the smallest effect that such data tell from none four times of five; a smaller one may be there and not be seen."
)
_LIMITS = """\
What it cannot say:

- Whether another pupil, another school or a longer time would be helped: it is the mean of those compared.
- What a plan did to anything but attendance. Trust, marks and staying at school are not looked at here.
- Whether something else began together with the plans, in the same weeks, for the same pupils.
- Why. A plan counts from the day it was opened, whatever was held of it.
- Which programme is better. Each is compared with no support, and not with the other; intervals are wider where several
  are asked about, so that all together show an effect that is none once in twenty times at most.
- That support is useless. "No effect is seen" is no proof of that; nor is "cannot be told"."""


def effect_text(results: Sequence[SupportEffect]) -> str:
    """Write the section of the report as Markdown."""
    said = [f"- **{_name(result)}**: {_said(result)}" for result in results]
    table = "\n".join([_HEADS, _RULE, *map(_line, results)])
    return "\n\n".join(["## Whether support helped", "\n".join(said), table, _NOTE, _LIMITS]) + "\n"


def _name(result: SupportEffect) -> str:
    return "all support" if result.programme == ALL else f"programme `{result.programme}`"


def _said(result: SupportEffect) -> str:
    if result.reason:
        english, latvian = REASONS[result.reason]
        return f"{NOT_TOLD[0]} {english} ({NOT_TOLD[1]} {latvian})"
    span = f"{100 * result.confidence:.0f} % interval {_points(result.low)} to {_points(result.high)} points"
    if not result.is_effect_told:
        return f"No effect on lessons missed is seen ({span}). (Ietekme uz kavējumiem nav redzama.)"
    words = ("fewer", "mazāk") if (result.effect or 0) < 0 else ("more", "vairāk")
    share = f"{abs(100 * (result.effect or 0)):.1f}"
    return (
        f"After the start pupils missed {share} {words[0]} of 100 lessons than they would have without support "
        f"({span})."
        f" (Pēc sākuma no 100 stundām kavēts par {share} {words[1]}, nekā būtu bez atbalsta.)"
    )


def _line(result: SupportEffect) -> str:
    anyway = None if result.naive is None or result.effect is None else result.naive - result.effect
    interval = "cannot be told" if result.effect is None else f"{_points(result.low)} to {_points(result.high)}"
    cells = (
        result.programme, f"{result.supported:,}", f"{result.matched:,}", _points(result.naive), _points(anyway),
        _points(result.effect), interval, "" if result.detectable is None else f"{100 * result.detectable:.1f}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _points(share: float | None) -> str:
    return "" if share is None else f"{100 * share:+.1f}"
