"""The map of tiles."""

from dataclasses import replace
from datetime import date

from dashboards.language import Language
from dashboards.tiles import lay_out, layout
from models.reference.municipality import municipalities, units
from tests.dashboards.test_funnel import line

LV = Language("lv")


def test_every_municipality_has_a_tile_and_no_two_of_a_day_share_one():
    assert set(layout()) == set(municipalities()["atvk_code"])
    for day in (date(2024, 9, 1), date(2026, 9, 1)):
        tiles = [layout()[code] for code in units(day)["atvk_code"]]
        assert len(set(tiles)) == len(tiles) >= 42


def test_who_lies_north_or_west_in_the_country_does_so_on_the_map():
    place = layout()
    names = dict(municipalities().select("name_lv", "atvk_code").rows())
    row = {name: place[code][0] for name, code in names.items()}
    column = {name: place[code][1] for name, code in names.items()}
    assert row["Valkas novads"] < row["Rīga"] < row["Bauskas novads"] < row["Daugavpils"]
    assert column["Liepāja"] < column["Jūrmala"] < column["Rīga"] < column["Rēzekne"] < column["Ludzas novads"]


def test_a_city_and_the_municipality_around_it_are_told_apart():
    lines = [
        replace(line(code, 900, 90), label=name)
        for code, name in (("0007000", "Ventspils"), ("0056000", "Ventspils novads"))
    ]
    lines.append(replace(line("0026000", 900, 90), label="Cēsu novads"))
    assert [tile.label for tile in lay_out(lines, LV).tiles] == ["Ventspils", "Ventspils nov.", "Cēsu"]


def test_a_tile_says_its_share_and_leads_to_its_page():
    lines = [line("0001000", 1_000, 150), line("0026000", 4_000, 400), line("0053000", 30, None), line("9", 900, 90)]
    made = lay_out(lines, LV)
    assert [(tile.text, tile.level, tile.href) for tile in made.tiles] == [
        ("slēpts", 0, "0053000.html"),
        ("10\N{NO-BREAK SPACE}%", 3, "0026000.html"),
        ("15\N{NO-BREAK SPACE}%", 4, "0001000.html"),
    ]
    assert made.classes[0] == "0–5\N{NO-BREAK SPACE}%"
    assert made.classes[-1] == "20\N{NO-BREAK SPACE}% un vairāk"
