"""Municipalities beside each other: what chance alone would make of the country's share."""

from dataclasses import replace
from itertools import pairwise

import pytest

from dashboards.funnel import RARE, USUAL, lay_out, limits, verdict
from dashboards.language import Language
from dashboards.release import Cell
from dashboards.shown import Line

LV = Language("lv")


def line(name: str, pupils: int, count: int | None, error: int = 4) -> Line:
    if count is None:
        return Line(name, "2026-05", "pupils_at_risk", pupils, Cell("withheld", None, 0, pupils, None), f"{name}.html")
    low, high = max(count - error, 0), min(count + error, pupils)
    share = (200 * count + pupils) // (2 * pupils)
    cell = Cell("rounded", count, low, high, share, (100 * low // pupils, -(-100 * high // pupils)))
    return Line(name, "2026-05", "pupils_at_risk", pupils, cell, f"{name}.html")


COUNTRY = line("Kopā", 100_000, 10_000)


def test_few_pupils_spread_further_than_many():
    widths = [high - low for low, high in (limits(0.1, pupils, USUAL) for pupils in (50, 500, 5_000, 50_000))]
    assert widths == sorted(widths, reverse=True)
    low, high = limits(0.1, 900, USUAL)
    assert (low, high) == pytest.approx((8.04, 11.96))
    assert limits(0.1, 900, RARE)[0] < low
    assert limits(0.1, 20, RARE)[0] == 0


@pytest.mark.parametrize(
    ("pupils", "count", "told"),
    [
        (1_000, 100, "within"),
        (1_000, 150, "above"),
        (1_000, 50, "below"),
        (1_000, 120, "unclear"),  # 116 lies within, 124 above
        (1_000, 80, "unclear"),
    ],
)
def test_both_ends_of_a_count_must_agree(pupils: int, count: int, told: str):
    assert verdict(line("Cēsu novads", pupils, count), COUNTRY) == told


def test_of_few_pupils_or_a_withheld_count_nothing_is_said():
    few = line("Cēsu novads", 30, 5)
    few = replace(few, cell=few.cell._replace(share=None, share_range=None))
    assert verdict(few, COUNTRY) == "untold"
    assert verdict(line("Cēsu novads", 8_000, None), COUNTRY) == "unseen"
    assert verdict(line("Cēsu novads", 1_000, 100), line("Kopā", 100_000, None)) == "untold"


def test_a_plot_shows_published_shares_with_their_ends_and_names_those_beyond_chance():
    lines = [line("Cēsu novads", 1_000, 150), line("Ādažu novads", 4_000, 400), line("Valkas novads", 30, None)]
    plot = lay_out("funnel", "Riska grupā", lines, COUNTRY, LV)
    assert plot
    assert [(dot.name, dot.is_named) for dot in plot.dots] == [("Cēsu novads", True), ("Ādažu novads", True)]
    assert all(dot.high < dot.y < dot.low for dot in plot.dots)
    assert plot.dots[0].y < plot.middle
    assert "2 pašvaldību daļas" in plot.description
    assert (
        "nav pierādāma: 1; daļa lielāka, nekā izskaidro nejaušība: 1; mazāka: 0; noapaļošanas dēļ nevar noteikt: 0"
        in plot.description
    )


def test_of_many_municipalities_only_those_beyond_chance_bear_their_name():
    lines = [line("Cēsu novads", 1_000, 150), *(line(f"Novads {n}", 4_000 + n, 400) for n in range(12))]
    plot = lay_out("funnel", "Riska grupā", lines, COUNTRY, LV)
    assert plot
    assert [dot.name for dot in plot.dots if dot.is_named] == ["Cēsu novads"]


def test_no_name_stands_on_another():
    lines = [line(f"Novads {n}", 1_000 + 5 * n, 150) for n in range(6)]
    plot = lay_out("funnel", "Riska grupā", lines, COUNTRY, LV)
    assert plot
    heights = sorted(dot.name_y for dot in plot.dots)
    assert len(heights) == 6
    assert min(b - a for a, b in pairwise(heights)) >= 12


def test_the_municipality_of_the_page_stands_out_and_is_drawn_last():
    lines = [line("Cēsu novads", 1_000, 150), line("Ādažu novads", 4_000, 400)]
    plot = lay_out("funnel", "Riska grupā", lines, COUNTRY, LV, "Cēsu novads.html")
    assert plot
    assert [(dot.name, dot.is_own, dot.is_named) for dot in plot.dots] == [
        ("Ādažu novads", False, False),
        ("Cēsu novads", True, True),
    ]


def test_without_a_share_of_the_country_there_is_no_plot():
    assert lay_out("funnel", "", [line("Cēsu novads", 1_000, 150)], line("Kopā", 9, None), LV) is None
    assert lay_out("funnel", "", [line("Cēsu novads", 30, None)], COUNTRY, LV) is None
