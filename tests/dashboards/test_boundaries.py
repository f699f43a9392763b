"""A map with true boundaries, where somebody gives them."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from dashboards.boundaries import WIDTH, BoundariesBroken, lay_out, read_boundaries
from dashboards.municipal import write_site
from dashboards.tiles import Tile
from tests.dashboards.test_municipal_page import Outline

SQUARE = [[24.0, 56.0], [25.0, 56.0], [25.0, 57.0], [24.0, 57.0], [24.0, 56.0]]
SPECK = [[24.5, 56.5], [24.5001, 56.5], [24.5, 56.5001], [24.5, 56.5]]
EAST = [[[x + 2, y] for x, y in SQUARE]]


def feature(code: str, kind: str, coordinates: Any, name: str = "atvk_code") -> dict[str, Any]:
    return {"type": "Feature", "properties": {name: code}, "geometry": {"type": kind, "coordinates": coordinates}}


def written(folder: Path, *features: dict[str, Any]) -> Path:
    path = folder / "map.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def tile(code: str) -> Tile:
    return Tile(code, 1, 1, "Rīga", "10 %", f"{code}.html", 3, "rounded")


def test_places_stand_as_they_lie_and_specks_are_left_out(tmp_path: Path):
    path = written(
        tmp_path, feature("0001000", "MultiPolygon", [[SQUARE], [SPECK]]), feature("2", "Polygon", EAST, "atvk")
    )
    made = lay_out(read_boundaries(path), [tile("0001000"), tile("2"), tile("3")])
    west, east = (re.findall(r"(\d+) (\d+)", area.path) for area in made.areas)
    assert [area.path.count("M") for area in made.areas] == [1, 1]
    assert max(int(x) for x, _ in west) < min(int(x) for x, _ in east)
    assert max(int(x) for x, _ in east) <= WIDTH
    assert max(int(y) for _, y in west) <= made.height
    width, height = (max(int(p[n]) for p in west) - min(int(p[n]) for p in west) for n in (0, 1))
    assert height / width == pytest.approx(1.82, abs=0.05)  # a degree of latitude is longer than one of longitude there


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"features": []}', '{"features": [{"properties": {}, "geometry": null}]}', '{"features": 3}',
     json.dumps({"features": [feature("1", "Point", [24, 56])]}),
     json.dumps({"features": [feature("1", "Polygon", [[1]])]})],
)  # fmt: skip
def test_a_file_that_is_no_such_map_is_refused_with_its_name(tmp_path: Path, text: str):
    path = tmp_path / "map.geojson"
    path.write_text(text)
    with pytest.raises(BoundariesBroken, match=r"map\.geojson"):
        read_boundaries(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(BoundariesBroken, match="FileNotFoundError"):
        read_boundaries(tmp_path / "none")


def test_the_map_leads_to_the_pages_and_tells_what_the_tiles_tell(wide_dir: Path, tmp_path: Path):
    copy = shutil.copytree(wide_dir, tmp_path / "copy")
    write_site(copy, written(tmp_path, feature("0001000", "Polygon", [SQUARE]), feature("0026000", "Polygon", EAST)))
    for name in ("index", "compare_chronic_absence"):
        page = (copy / "site" / "lv" / f"{name}.html").read_text()
        assert Outline(page).open == []
        areas = re.findall(r'<a href="(\w+)\.html" aria-label="(.*?)"><path class="l(\d)"', page)
        tiles = re.findall(r'<a class="tile l(\d)" href="(\w+)\.html"><span>(.*?)</span> <b>(.*?)</b>', page)
        assert [code for code, _, _ in areas] == ["0026000", "0001000"]
        assert {(code, f"{name}: {text}", level) for level, code, name, text in tiles} > {*areas}
    assert 'svg class="map"' not in (wide_dir / "site" / "lv" / "index.html").read_text()
