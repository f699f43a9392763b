"""Pages and files of a release that holds every table."""

import json
import re
import shutil
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from dashboards.language import Language
from dashboards.municipal import write_site
from dashboards.release import Cell
from dashboards.shown import COLUMNS, Line, Shown, write_files
from tests.dashboards.test_municipal_page import Outline, words_of
from tests.dashboards.wide_country import META, PLACES

PAGES = ["index", "country", "0001000", "0001000_months", "0001000_schools", "compare_chronic_absence", "support"]
NBSP = "\N{NO-BREAK SPACE}"


def text(folder: Path, name: str) -> str:
    return (folder / "site" / f"{name}.html").read_text(encoding="utf-8")


def number(value: int) -> str:
    return Language("lv").number(value).replace(NBSP, " ")


def newest(folder: Path, table: str, **groups: str) -> list[dict]:
    frame = pl.read_parquet(folder / "tables" / f"{table}.parquet")
    return frame.filter(pl.col("period") == "2026-05", *(pl.col(g) == v for g, v in groups.items())).to_dicts()


def test_a_page_shows_the_place_by_grades_sex_kind_reason_and_so_far(wide_dir):
    words = words_of(text(wide_dir, "lv/0001000"))
    (band,) = newest(wide_dir, "municipality_band_month_risk", atvk_code="0001000", band="7-9", sex="all")
    (term,) = newest(wide_dir, "municipality_term_risk", atvk_code="0001000", kind="all")
    (reason,) = newest(wide_dir, "municipality_month_absence", atvk_code="0001000", kind="all")
    low, high = (f"{reason[f'lessons_missed_ill_{end}']:g}".replace(".", ",") for end in ("low", "high"))
    assert f"7.–9. klase {number(band['pupils'])} {number(band['pupils_at_risk'])} " in words
    assert f"pupils_at_risk_this_term {number(term['pupils_at_risk_this_term'])} " in words
    assert f"Slimība {low}–{high} %" in words
    for word in ("meitenes", "zēni", "vispārējā izglītība", "profesionālā izglītība"):
        assert word in words


def test_need_and_support_stand_beside_each_other(wide_dir):
    (row,) = newest(wide_dir, "municipality_term_support", atvk_code="0026000")
    (need,) = newest(wide_dir, "municipality_month_risk", atvk_code="0026000")
    page, table = words_of(text(wide_dir, "lv/0026000")), words_of(text(wide_dir, "lv/support"))
    assert f"Supervīzijas: notikušas {row['events_supervisions_held']} " in page
    assert "konfliktsituācijas 3 2 1" in page
    at_risk = number(need["pupils_at_risk"])
    assert f"Cēsu novads {at_risk} ({need['pupils_at_risk_share_percent']} %)" in table
    assert f" %) {row['events_supervisions_held']} {row['events_school_workshops_held']} " in table
    assert 'href="support.html"' in text(wide_dir, "lv/index")


def test_schools_and_grades_stand_on_a_page_of_their_own_with_those_of_the_municipality_alone(wide_dir):
    words = words_of(text(wide_dir, "lv/0026000_schools"))
    assert "Skola 0026" in words
    assert "Skola 0001" not in words
    assert re.search(r"Klase Izglītojamie Skaits Daļa 3 \d+", words)


def test_a_clerk_finds_a_share_and_its_file_in_three_clicks(wide_dir):
    index, page = text(wide_dir, "lv/index"), text(wide_dir, "lv/0026000")
    assert '<a href="0026000.html">Cēsu novads</a>' in index
    assert re.search(r"Ilgstoši kavējumi \d+ \d+", words_of(page))
    assert '<a href="0026000.xlsx" download>XLSX</a>' in page


def test_municipalities_are_compared_by_each_indicator_in_alphabetical_order(wide_dir):
    words = words_of(text(wide_dir, "lv/compare_chronic_absence"))
    table = words[words.index("Ilgstoši kavējumi, 2026. gada maijs") :]
    places = [table.index(PLACES[code]) for code in ("0023000", "0026000", "0038001", "0001000")]
    assert places == sorted(places)
    assert "Piltuves diagramma" in words
    assert [
        tag
        for tag, more in Outline(text(wide_dir, "lv/compare_chronic_absence")).elements
        if "tile" in more.get("class", "") and tag == "a"
    ]


@pytest.mark.parametrize("name", PAGES)
def test_a_workbook_shows_what_the_page_shows(wide_dir, name):
    page = words_of(text(wide_dir, f"lv/{name}"))
    book = fastexcel.read_excel(wide_dir / "site" / "lv" / f"{name}.xlsx")
    assert book.sheet_names
    for sheet in book.sheet_names:
        rows = book.load_sheet(sheet, header_row=None, dtypes="string").to_polars().rows()
        assert rows[0][0].replace(NBSP, " ") in page
        for row in rows[2:]:
            cells = [value for value in row if value]
            if len(cells) > 1:
                assert cells[0].replace(NBSP, " ") in page
    assert name in ("index", "compare_chronic_absence", "support") or len(book.sheet_names) > 1


@pytest.mark.parametrize("name", PAGES)
def test_csv_and_parquet_hold_the_same_numbers_and_only_published_ones(wide_dir, name):
    stem = wide_dir / "site" / "lv" / name
    frame = pl.read_parquet(f"{stem}.parquet")
    assert dict(frame.schema) == COLUMNS
    assert pl.read_csv(f"{stem}.csv", schema=COLUMNS).equals(frame)
    assert Path(f"{stem}.csv").read_bytes().startswith(b"\xef\xbb\xbftable,group,period")
    assert name != "support" or set(frame["status"]) == {"counted", "rounded"}
    counts = frame.filter(pl.col("status") == "rounded", pl.col("count").is_not_null())
    assert (counts["count"] % 5 == 0).all()
    assert set(frame["period"].drop_nulls()) <= {"2026-04", "2026-05"}


def test_a_name_that_looks_like_a_formula_stays_a_name(tmp_path):
    cell = Cell("rounded", 5, 1, 9, 5, (1, 9))
    lines = [
        Line("=1+1", "2026-05", "pupils_at_risk", 100, cell),
        Line("http://x", "2026-05", "pupils_at_risk", 100, cell),
    ]
    files = write_files(
        tmp_path / "page", [Shown("school", "Skolas", "Skola", lines)], Language("lv"), ["Skolas", "…"], META["as_of"]
    )
    rows = fastexcel.read_excel(files[0]).load_sheet(0, header_row=None).to_polars().rows()
    assert [row[0] for row in rows[4:6]] == ["=1+1", "http://x"]
    assert [path.suffix for path in files] == [".xlsx", ".csv", ".parquet"]
    assert pl.read_csv(files[1])["group"].to_list() == ["'=1+1", "http://x"]


def test_the_foot_of_every_page_says_who_pays_where_that_is_set(wide_dir, tmp_path):
    copy = shutil.copytree(wide_dir, tmp_path / "copy")
    report = json.loads((copy / "release.json").read_text())
    told = {"lv": "Projekts Nr. 8.3.4.0/16/I/001 <ESF>", "en": "Project No 8.3.4.0/16/I/001 <ESF>"}
    (copy / "release.json").write_text(json.dumps(report | {"funding": told}))
    write_site(copy)
    for language, said in told.items():
        pages = sorted((copy / "site" / language).glob("*.html"))
        assert len(pages) > 10
        assert all(
            f"<footer><p>{said.replace('<', '&lt;').replace('>', '&gt;')}</p>" in page.read_text() for page in pages
        )
    assert "<footer>Publikācija" in text(wide_dir, "lv/index")


def test_every_page_says_of_how_many_schools_the_data_are_in(wide_dir):
    for name in PAGES:
        schools = 2 if name.startswith("0001000") else 8
        said = f"Pēdējo četru nedēļu kavējumus iesniegušas 1 no {schools} izglītības iestādēm"
        assert said in words_of(text(wide_dir, f"lv/{name}"))
