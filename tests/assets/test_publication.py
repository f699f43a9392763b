import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.publication import Publication, ReleaseBroken, read_release
from dashboards.municipal import write_site
from models.disclosure import CountTable, Protected, attack, protect, summary

META = {"as_of": date(2026, 6, 1), "known_on": date(2026, 6, 3), "pipeline_version": "0.1.0"}
SECRET, SMALL = 1_307_918, 3  # no multiple of 5: neither may leave


def raw(name: str, group: str, rows: list[tuple[str, int, int | None]]) -> CountTable:
    frame = pl.DataFrame(rows, schema=[group, "pupils", "pupils_at_risk"], orient="row")
    described = {"period": pl.lit("2026-05"), "as_of": pl.date(2026, 6, 1), "name_lv": group, "name_en": group}
    return CountTable(name, frame.with_columns(**described), (group,))


def protected(third: int = 4_000_000) -> list[Protected]:
    places = [
        ("0001000", 3_000_000, SECRET),
        ("0002000", 4, SMALL),
        ("0003000", 8_000_000, third),
        ("0004000", 0, None),
    ]
    kinds = [("general", 3_000_004, SECRET + SMALL), ("special", 8_000_000, third)]
    tables = [raw("municipality_month_risk", "atvk_code", places), raw("school_type_month_risk", "kind", kinds)]
    kind = pl.when(pl.col("atvk_code") == "0003000").then(pl.lit("special")).otherwise(pl.lit("general"))
    return protect(tables, tables[0].frame.with_columns(kind=kind), secret=b"key")


def site(folder: Path) -> None:
    (folder / "site").mkdir()
    told = json.loads((folder / "release.json").read_text())
    (folder / "site" / "index.html").write_text(told["release_id"])


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    return Publication(tmp_path / "releases")


def test_a_release_holds_tables_report_and_site(publication):
    made = publication.release(protected(), META, site)
    assert sorted(bytes_of(made.path)) == [
        "release.json",
        "site/index.html",
        "tables/municipality_month_risk.csv",
        "tables/municipality_month_risk.parquet",
        "tables/school_type_month_risk.csv",
        "tables/school_type_month_risk.parquet",
    ]
    assert made.path == publication.root / made.release_id
    assert made.release_id.startswith("2026-06-01-")
    assert (made.path / "site" / "index.html").read_text() == made.release_id


def test_the_report_says_what_was_released_and_how_it_was_protected(publication):
    report = publication.release(protected(), META, site).report
    assert (report["as_of"], report["known_on"], report["pipeline_version"]) == ("2026-06-01", "2026-06-03", "0.1.0")
    places = report["tables"]["municipality_month_risk"]
    assert places["cells"] == {"rounded": 2, "withheld": 1, "no_data": 1}
    assert (places["rows"], places["periods"], places["group_columns"]) == (4, ["2026-05"], ["atvk_code"])
    assert (places["protection"]["base"], places["protection"]["max_error"]) == (5, 4)
    assert list(places["protection"]["certificates"]) == ["2026-05"]
    assert set(report["cannot_see"]) == {"lv", "en"}
    assert len(report["files"]) == 5


def test_csv_is_plain_utf8_with_commas_and_iso_dates(publication):
    text = (
        (publication.release(protected(), META).path / "tables" / "municipality_month_risk.csv").read_bytes().decode()
    )
    assert text.splitlines()[:3] == [
        "atvk_code,pupils,period,as_of,name_lv,name_en,"
        "pupils_at_risk,pupils_at_risk_status,pupils_at_risk_low,pupils_at_risk_high,pupils_at_risk_share_percent",
        "0001000,3000000,2026-05,2026-06-01,0001000,0001000,1307920,rounded,1307916,1307924,44",
        "0002000,4,2026-05,2026-06-01,0002000,0002000,,withheld,0,4,",
    ]


def test_no_true_number_is_in_any_byte_of_a_release(publication):
    made = publication.release(protected(), META, write_site)
    assert [table.frame["pupils_at_risk_status"].to_list()[:2] for table in made.tables()] == [
        ["rounded", "withheld"],
        ["rounded", "rounded"],
    ]
    written = [str(SECRET), f"{SECRET:,}", f"{SECRET:,}".replace(",", "\N{NO-BREAK SPACE}")]
    spellings = [SECRET.to_bytes(8, "little"), SECRET.to_bytes(4, "little"), *(text.encode() for text in written)]
    for content in bytes_of(made.path).values():
        assert not any(spelling in content for spelling in spellings)
    page = (made.path / "site/lv/index.html").read_text()
    assert "1\N{NO-BREAK SPACE}307\N{NO-BREAK SPACE}920" in page  # such would be seen
    for table in made.tables():
        assert not {SECRET, SECRET + SMALL} & {value for row in table.frame.rows() for value in row}


def test_a_release_can_be_attacked_as_it_lies_on_disk(publication):
    made = publication.release(protected(), META)
    places = made.tables()[0].frame
    kind = pl.when(pl.col("atvk_code") == "0003000").then(pl.lit("special")).otherwise(pl.lit("general"))
    found = summary(attack(made.tables(), places.with_columns(kind=kind)))
    assert (found["protected_cells"], found["too_narrow"]) == (5, 0)


def test_same_input_same_bytes(tmp_path):
    one, other = (Publication(tmp_path / name).release(protected(), META, site).path for name in ("one", "other"))
    assert one.name == other.name
    assert bytes_of(one) == bytes_of(other)


def test_other_counts_or_other_words_make_another_release(publication):
    ids = [
        publication.release(protected(), META).release_id,
        publication.release(protected(4_000_005), META).release_id,
        publication.release(protected(), META | {"labels": {"at_risk": {"lv": "riska grupā"}}}).release_id,
        publication.release(protected(), META | {"pipeline_version": "0.2.0"}).release_id,
    ]
    assert len(set(ids)) == 4
    assert len([path for path in publication.root.iterdir() if path.name in ids]) == 4


def test_releasing_the_same_again_changes_nothing(publication):
    made = publication.release(protected(), META, site)
    before = {path: path.lstat().st_mtime_ns for path in publication.root.rglob("*")}

    def never(_: Path) -> None:
        raise AssertionError("an existing release was written again")

    assert publication.release(protected(), META, never) == made
    assert {path: path.lstat().st_mtime_ns for path in publication.root.rglob("*")} == before


def test_a_release_that_was_altered_is_not_passed_off_nor_repaired(publication):
    made = publication.release(protected(), META, site)
    (made.path / "site" / "index.html").write_text("altered")
    with pytest.raises(ReleaseBroken, match=r"1 files differ from release\.json, site/index\.html"):
        publication.release(protected(), META, site)
    assert (made.path / "site" / "index.html").read_text() == "altered"


def test_only_protected_tables_are_released(publication):
    lookalike = CountTable("municipality_month_risk", protected()[0].frame, ("atvk_code",))
    for unprotected in (lookalike, lookalike.frame, type("Protected", (), {})(), None):
        with pytest.raises(TypeError, match="Protected tables alone"):
            publication.release([unprotected], META)
    assert not publication.root.exists()


def test_a_release_needs_its_clocks_and_version(publication):
    with pytest.raises(ValueError, match="known_on, pipeline_version"):
        publication.release(protected(), {"as_of": date(2026, 6, 1)})
    with pytest.raises(ValueError, match="isoformat"):
        publication.release(protected(), META | {"as_of": "../../etc"})


def test_current_follows_the_newest_release_in_one_step(publication):
    assert publication.current() is None
    first = publication.release(protected(), META)
    second = publication.release(protected(4_000_005), META)
    assert publication.current() == second
    assert (publication.root / "current").is_symlink()
    assert (publication.root / "current").readlink() == Path(second.release_id)
    publication.point_to(first.release_id)
    assert publication.current() == first
    with pytest.raises(FileNotFoundError):
        publication.point_to("2026-06-01-000000000000")


def test_without_links_current_is_a_file_with_the_release_in_it(publication, monkeypatch):
    def refuse(*_args, **_named):
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    publication.release(protected(), META)
    made = publication.release(protected(4_000_005), META)
    assert (publication.root / "current").read_text() == f"{made.release_id}\n"
    assert publication.current() == made


def test_a_run_that_stops_half_way_leaves_readers_what_they_had(publication):
    first = publication.release(protected(), META, site)

    def stop(folder: Path) -> None:
        site(folder)
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        publication.release(protected(4_000_005), META, stop)
    assert publication.current() == first
    made = publication.release(protected(4_000_005), META, site)
    read_release(made.path).check()
    assert publication.current() == made
    assert not list(publication.root.glob(".*"))


def test_a_release_of_a_past_day_does_not_take_readers_back(tmp_path: Path):
    from assets.release import _is_newest

    publication = Publication(tmp_path)
    newer = publication.release(protected(), META)
    assert not _is_newest(publication, META | {"as_of": date(2000, 1, 1)})
    assert not _is_newest(publication, META | {"known_on": date(2000, 1, 1)})
    assert _is_newest(publication, META)
    assert _is_newest(publication, META | {"as_of": date(2100, 1, 1)})
    publication.release(protected(), META | {"as_of": date(2000, 1, 1)}, is_current=False)
    current = publication.current()
    assert current
    assert current.release_id == newer.release_id
