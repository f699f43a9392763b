"""What lies in landing and is not taken in is told by every run and by status."""

import json
from pathlib import Path

import yaml

from assets.home import Home
from assets.unread import refusals, remarks


def folder(home: Home, name: str, **note: object) -> Path:
    made = home.landing / "skola" / name
    made.mkdir(parents=True)
    (made / "mark.csv").write_text("x\n", encoding="utf-8")
    if note:
        (made / "delivery.yaml").write_text(yaml.safe_dump(note), encoding="utf-8")
    return made


def test_refused_folders_are_told_with_their_reason(home: Home):
    folder(home, "wrong", source="skola", delivered_on="soon")
    assert [text.partition(":")[0] for text in refusals(home.landing)] == ["wrong"]
    assert remarks(home.landing) == []


def test_a_folder_without_a_note_is_told_and_a_hidden_one_is_not(home: Home):
    folder(home, "half")
    folder(home, ".being-copied")
    (told,) = remarks(home.landing)
    assert told.startswith("skola/half: not read, it has no delivery.yaml")


def test_a_correction_of_a_folder_that_never_came_is_told(home: Home):
    on = "2024-09-10T08:00:00+03:00"
    note = {"mark": {"corrects": ["first", "frist"]}}
    folder(home, "first", source="skola", delivered_on=on)
    folder(home, "second", source="skola", delivered_on=on, datasets=note)
    (told,) = remarks(home.landing)
    assert told.startswith("skola.second: `corrects` names 1 folder(s) that skola never delivered")


def test_status_tells_them(country: Home):
    from tests.pipelines.test_run import invoke

    made = folder(country, "wrong", source="skola", delivered_on="soon")
    try:
        code, out, _ = invoke("status", "--json")
        assert (code, len(json.loads(out)["refused"])) == (0, 1)
    finally:
        (made / "mark.csv").unlink()
        (made / "delivery.yaml").unlink()
        made.rmdir()


def test_status_of_a_past_day_is_told_whole(country: Home):
    from tests.pipelines.test_run import invoke

    code, out, _ = invoke("status", "--as-of", "2026-03-02", "--known-on", "2026-03-02", "--json")
    found = json.loads(out)
    assert (code, found["replay"]["as_of"]) == (0, "2026-03-02")
    assert isinstance(found["doubts"], list)
    assert found["schools"]
