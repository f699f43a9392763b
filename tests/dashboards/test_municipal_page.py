import json
import re
import shutil
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from dashboards.chart import LARGE, SMALL, Month, count_step, lay_out
from dashboards.language import Language, alphabetical
from dashboards.municipal import write_site
from dashboards.release import Cell, cell
from dashboards.words import WORDS

DASHBOARDS = Path(__file__).parents[2] / "dashboards"
NBSP = "\N{NO-BREAK SPACE}"
VOID = {"meta", "link", "br"}
LV, EN = Language("lv"), Language("en")


class Outline(HTMLParser):
    """Collects elements with their attributes, and notices tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def page(release_dir: Path, name: str) -> str:
    return (release_dir / "site" / name).read_text(encoding="utf-8")


def words_of(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL))


def charts(text: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]


@pytest.fixture(params=["lv/index.html", "lv/0001000.html", "lv/0023000.html", "en/index.html", "en/0038000.html"])
def any_page(request, release_dir) -> str:
    return page(release_dir, request.param)


def test_there_is_a_page_for_each_municipality_and_language(release_dir):
    found = ["0001000", "0023000", "0038000", "country"]
    indicators = ["at_risk", "no_label", "unexcused_10"]
    names = [f"{name}{end}.html" for name in found for end in ("", "_months")]
    names += [f"{name}_workshop.html" for name in found if name != "country"]
    names = sorted([*names, *(f"compare_{name}.html" for name in indicators), "definitions.html", "index.html"])
    assert sorted(p.relative_to(release_dir / "site").as_posix() for p in release_dir.rglob("*.html")) == [
        f"{language}/{name}" for language in ("en", "lv") for name in names
    ]


def test_pages_are_well_formed_and_say_their_language(any_page, request):
    outline = Outline(any_page)
    assert outline.open == []
    assert ("html", {"lang": request.node.callspec.params["any_page"][:2]}) in outline.elements
    assert [tag for tag, _ in outline.elements].count("h1") == 1
    ids = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_tables_have_captions_and_scopes(any_page):
    elements = Outline(any_page).elements
    tags = [tag for tag, _ in elements]
    assert tags.count("caption") == tags.count("table") > 0
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in elements if tag == "th")


def test_charts_have_a_title_and_a_description_in_words(release_dir):
    for svg in charts(page(release_dir, "lv/0023000.html")):
        assert svg.get("role") == "img"
        title, description = list(svg)[:2]
        assert svg.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert title.text
        assert description.text
    assert (
        "Līniju diagramma, 2025. gada novembris – 2026. gada maijs. Jaunākais redzamais skaits: 130 "
        "(2026. gada maijs). Slēpti mēneši: 1. Mēneši bez datiem: 1."
    ) in page(release_dir, "lv/0023000.html")


def test_pages_ask_nobody_for_anything(any_page):
    assert not re.search(r"https?:|//\w|\bsrc=|<script|@import|url\(|<form|\sstyle=|\son\w+=", any_page)


def test_links_lead_to_files_of_the_release(release_dir):
    for path in release_dir.rglob("*.html"):
        for _, attributes in Outline(path.read_text()).elements:
            link = attributes.get("href", "#")
            file, _, part = link.partition("#")
            assert not file or (path.parent / file).is_file(), link
            text = (path.parent / file).read_text() if file.endswith(".html") else path.read_text()
            assert not part or f'id="{part}"' in text, link


def test_the_newest_month_stands_in_words(release_dir):
    latvian, english = words_of(page(release_dir, "lv/0001000.html")), words_of(page(release_dir, "en/0001000.html"))
    for text in (
        "Jaunākais mēnesis 2026. gada maijs",
        "Dati līdz 2026. gada 31. maijs",
        "Dati saņemti līdz 2026. gada 3. jūnijs",
        "Izglītojamie 41 234",
        "PMP riska grupā 4 615 (11 %)",
        "Neattaisnoti kavējumi: 10 un vairāk 2 305 6 %",
        "No 19 priekšlaicīgas mācību pārtraukšanas riskiem",
        "noapaļoti līdz 5 daudzkārtnim tā, lai visas summas joprojām saskanētu; patiesais atšķiras ne vairāk kā par 4",
    ):
        assert text in latvian
    for text in ("May 2026", "Pupils 41,234", "At risk of early leaving 4,615 (11%)", "0–4 is not zero"):
        assert text in english


def test_withheld_no_data_and_small_shares_differ_in_words_and_shape(release_dir):
    text = words_of(page(release_dir, "en/0023000.html"))
    assert "December 2025 4 ◇ withheld" in text
    assert "April 2026 1,500 × no data" in text
    assert "March 2026 1,500 120 8%" in text
    assert "November 2025 79 10 7–18%" in words_of(page(release_dir, "en/0038000.html"))


def test_indicators_carry_their_label_or_else_their_name(release_dir):
    text = page(release_dir, "en/definitions.html")
    assert "<dt>Unexcused absence: 10 or more</dt><dd>At least 10 lessons &lt;this semester&gt; missed" in text
    assert "pupils_raised_no_label" in page(release_dir, "en/0001000.html")
    assert "<dt>At risk of early leaving</dt><dd>The legal limit of unexcused absence" in text


def test_a_municipality_without_the_newest_month_says_so(release_dir):
    assert "older than those of the others: January 2026" in page(release_dir, "en/0038000.html")
    index = words_of(page(release_dir, "lv/index.html"))
    assert "Madonas novads dati tikai līdz: 2026. gada janvāris" in index
    assert index.index("Ādažu novads") < index.index("Madonas novads") < index.index("Rīga")


def test_the_page_of_the_country_shows_kinds_of_institution(release_dir):
    assert "Vispārējā izglītība, 2026. gada maijs; izglītojamie: 42 734" in words_of(
        page(release_dir, "lv/country.html")
    )


def test_the_page_does_not_say_that_sums_hold_where_they_do_not(release_dir, tmp_path):
    copy = shutil.copytree(release_dir, tmp_path / "copy")
    report = json.loads((copy / "release.json").read_text())
    for entry in report["tables"].values():
        entry["protection"]["is_additive"] = False
    (copy / "release.json").write_text(json.dumps(report))
    write_site(copy)
    assert "all sums still add up" in page(release_dir, "en/index.html")
    for path, said in (("en/index.html", "sums do not add up"), ("lv/0001000.html", "summas nesaskan")):
        assert said in page(copy, path)
        assert "all totals still add up" not in page(copy, path)


def test_the_country_stands_below_its_municipalities(release_dir):
    """4,615 in Rīga and 130 in Ādaži; Madona has no newer month."""
    assert "Kopā 42 734 4 745 11 %" in words_of(page(release_dir, "lv/index.html"))
    assert "In all 42,734 4,745 11%" in words_of(page(release_dir, "en/index.html"))


def test_gaps_break_the_line_and_are_marked_below_the_axis(release_dir):
    svg = charts(page(release_dir, "lv/0023000.html"))[0]
    assert len(svg.findall("circle")) == 4
    assert [len(line.get("points", "").split()) for line in svg.findall("polyline")] == []
    marks = [path.get("d", "") for path in svg.findall("path")]
    assert ["z" in mark for mark in marks] == [True, False]  # a diamond, a cross
    assert all(float(re.findall(r"[\d.]+", mark)[1]) > LARGE.base for mark in marks)


def test_pages_are_the_same_each_time_and_show_the_published_tables_alone(release_dir, tmp_path):
    again = tmp_path / "again"
    shutil.copytree(release_dir, again, ignore=shutil.ignore_patterns("site"))
    written = {path.relative_to(again): path.read_bytes() for path in write_site(again)}
    files = (path for path in (release_dir / "site").rglob("*") if path.is_file())
    assert written == {path.relative_to(release_dir): path.read_bytes() for path in files}


def test_both_languages_say_the_same_things():
    assert set(WORDS["lv"]) == set(WORDS["en"])
    for key, text in WORDS["lv"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", WORDS["en"][key])), key


def test_every_word_is_said_somewhere():
    code = "".join(p.read_text() for end in ("py", "html", "svg") for p in DASHBOARDS.rglob(f"*.{end}"))
    made = (
        "along",
        "ask",
        "asked",
        "band",
        "choice",
        "event",
        "grade",
        "group",
        "hint",
        "kind",
        "question",
        "risk",
        "sex",
        "sphere",
        "stage",
        "status",
        "theme",
        "topic",
        "verdict",
    )  # the rest is a code or a name
    words = [word for word in WORDS["lv"] if not word.startswith(tuple(f"{first}_" for first in made))]
    assert [word for word in words if not re.search(rf"\b{word}\b", code)] == []


def test_values_are_written_as_readers_write_them():
    assert (LV.number(1_234_567), EN.number(1_234_567)) == (f"1{NBSP}234{NBSP}567", "1,234,567")
    assert (LV.month("2026-05"), EN.month("2026-05")) == ("2026. gada maijs", "May 2026")
    assert (LV.day(date(2026, 5, 31)), EN.day(date(2026, 5, 31))) == ("2026. gada 31. maijs", "31 May 2026")
    counts = [
        (5, 1, 9, 0, 2_000),  # less than one in a hundred
        (20, 16, 24, 1, 2_000),
        (100, 96, 100, 100, 100),
        (0, 0, 4, 0, 90),
        (5, 1, 9, None, 79),  # of fewer than 80 pupils the limits
        (5, 1, 9, None, 39),
        (None, 0, 4, None, 4),
    ]
    named = [dict(zip(("n", "n_low", "n_high", "n_share_percent", "pupils"), told, strict=True)) for told in counts]
    statuses = ["rounded"] * 6 + ["withheld"]
    rows = [row | {"n_status": status} for row, status in zip(named, statuses, strict=True)]
    cells = [cell(row, "n", {"min_range_base": 40}) for row in rows]
    assert [LV.share(c) for c in cells] == [
        f"0–1{NBSP}%", f"1{NBSP}%", f"96–100{NBSP}%", f"0–5{NBSP}%", f"1–12{NBSP}%", "nerēķina", "nerēķina"
    ]  # fmt: skip
    assert [EN.text(c) for c in cells] == ["5", "20", "100", "0–4", "5", "5", "withheld"]
    assert LV.text(Cell("no_data", None, None, None, None)) == "nav datu"


def test_names_are_sorted_by_the_latvian_alphabet():
    names = ["Ķekavas", "Ādažu", "Kuldīgas", "Augšdaugavas", "Cēsu", "Šķilbēnu", "Siguldas", "Limbažu"]
    expected = ["Augšdaugavas", "Ādažu", "Cēsu", "Kuldīgas", "Ķekavas", "Limbažu", "Siguldas", "Šķilbēnu"]
    assert sorted(names, key=alphabetical) == expected


@pytest.mark.parametrize(("largest", "step"), [(0, 1), (4, 1), (5, 2), (9, 5), (20, 5), (21, 10), (4_617, 2_000)])
def test_count_labels_are_round(largest, step):
    assert count_step(largest) == step


def test_months_stand_by_their_distance_and_counts_from_zero():
    months = [
        Month(period, Cell("rounded", count, count, count, None))
        for period, count in (("2025-12", 0), ("2026-01", 10), ("2026-04", 20))
    ]
    chart = lay_out("at_risk", "title", months, SMALL, EN)
    (first, second), (third,) = chart.runs
    assert third.x - second.x == pytest.approx(3 * (second.x - first.x), abs=0.2)
    assert (first.y, second.y, third.y) == (SMALL.base, (SMALL.base + SMALL.top) / 2, SMALL.top)
    assert [(tick.text, tick.below) for tick in chart.months] == [("Dec", "2025"), ("Feb", "2026"), ("Apr", "")]
    assert chart.newest == third


def test_a_chart_without_any_number_has_no_scale():
    hidden = [Month(period, Cell("withheld", None, 0, 4, None)) for period in ("2026-04", "2026-05")]
    chart = lay_out("at_risk", "title", hidden, SMALL, LV)
    assert [tick.text for tick in chart.counts] == [""]
    assert (chart.runs, chart.newest, len(chart.marks)) == ([], None, 2)
    assert "Neviena mēneša skaits nav redzams." in chart.description


def test_a_code_that_is_no_file_name_is_refused(release_dir, tmp_path):
    copy = shutil.copytree(release_dir, tmp_path / "copy")
    path = copy / "tables" / "municipality_month_risk.parquet"
    pl.read_parquet(path).with_columns(atvk_code=pl.lit("../up")).write_parquet(path)
    with pytest.raises(ValueError, match="column atvk_code"):
        write_site(copy)
