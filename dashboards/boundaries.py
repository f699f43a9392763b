"""A map with true boundaries, where somebody gives them: a GeoJSON file whose features name their municipality.

Each feature has a property `atvk_code` or `atvk`, and a Polygon or MultiPolygon in degrees (WGS 84).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians
from pathlib import Path
from typing import Any

from dashboards.tiles import Tile

WIDTH, MARGIN = 640, 4
Ring = list[tuple[float, float]]


class BoundariesBroken(ValueError):
    """Raised when a boundaries file is not what it must be; names the file, the rule and the next step."""


@dataclass(frozen=True)
class Area:
    """A municipality with its outline, placed."""

    tile: Tile
    path: str


@dataclass(frozen=True)
class BoundaryMap:
    """All areas of a map."""

    areas: list[Area]
    height: int


def _rings(geometry: dict[str, Any]) -> Iterator[Ring]:
    drawn = geometry["coordinates"]
    for polygon in {"Polygon": [drawn], "MultiPolygon": drawn}[geometry["type"]]:
        for ring in polygon:
            yield [(float(longitude), float(latitude)) for longitude, latitude, *_ in ring]


def read_boundaries(path: Path) -> dict[str, list[Ring]]:
    """Return the rings of each municipality by its code; BoundariesBroken if the file is not such a map."""
    found: dict[str, list[Ring]] = {}
    try:
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            named = feature["properties"]
            found.setdefault(str(named.get("atvk_code") or named["atvk"]), []).extend(_rings(feature["geometry"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BoundariesBroken(
            f"{path} is no map of boundaries ({type(error).__name__}); it must be GeoJSON, each feature a Polygon or"
            " MultiPolygon with a property atvk_code"
        ) from None
    if not found:
        raise BoundariesBroken(f"{path} holds no feature; give the boundaries of the municipalities, or no file")
    return found


@dataclass(frozen=True)
class _Plane:
    """Degrees to points of the map: a country as small as this one is flat enough."""

    west: float
    north: float
    narrow: float
    scale: float

    @classmethod
    def of(cls, rings: Sequence[Ring]) -> "_Plane":
        """Fit all rings into the width."""
        longitudes, latitudes = zip(*(point for ring in rings for point in ring), strict=True)
        narrow = cos(radians((min(latitudes) + max(latitudes)) / 2))
        scale = (WIDTH - 2 * MARGIN) / ((max(longitudes) - min(longitudes)) * narrow)
        return cls(min(longitudes), max(latitudes), narrow, scale)

    def point(self, longitude: float, latitude: float) -> tuple[int, int]:
        """Place a point, to whole points: what lies closer together is one."""
        x = MARGIN + (longitude - self.west) * self.narrow * self.scale
        return round(x), round(MARGIN + (self.north - latitude) * self.scale)

    def outline(self, ring: Ring) -> str:
        """Draw a ring; nothing of one that is too small to see."""
        points = [self.point(*place) for place in ring]
        kept = points[:1] + [after for before, after in pairwise(points) if after != before]
        return "M" + "L".join(f"{x} {y}" for x, y in kept) + "Z" if len(set(kept)) > 2 else ""


def lay_out(boundaries: dict[str, list[Ring]], tiles: Sequence[Tile]) -> BoundaryMap:
    """Place the municipalities that have both a tile and a boundary."""
    rings = [ring for of_place in boundaries.values() for ring in of_place]
    plane = _Plane.of(rings)
    areas = [
        Area(tile, "".join(plane.outline(ring) for ring in boundaries[tile.code]))
        for tile in tiles
        if tile.code in boundaries
    ]
    lowest = max(plane.point(*point)[1] for ring in rings for point in ring)
    return BoundaryMap(areas, lowest + MARGIN)
