"""Lists of any day, as known on any day: reproduced byte for byte, made anew from the same deliveries, explained."""

import json
import shutil
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from assets.home import Home
from assets.issued import issues
from assets.warehouse import Warehouse
from pipelines.cli import app
from pipelines.commands.run import run
from pipelines.settings import settings
from pipelines.synthesis import write_country
from pipelines.weekly import Clocks

pytestmark = pytest.mark.slow
PLACE, READER = "0001000", "demo-coordinator"
FORMATS = ("table", "csv", "json", "xlsx")


def invoke(home: Home, *words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [*words, "--home", str(home.root)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def show(home: Home, out: Path, *words: str, place: str = PLACE) -> dict[tuple[str, str], bytes]:
    """Return the list's bytes in all formats, with names and without."""
    shown = {}
    for login in ("", READER):
        for form in FORMATS:
            file = ["--out", str(out)] if form == "xlsx" else []
            code, text, _ = invoke(
                home, "list", place, "--as", login, "--capacity", "200", "--format", form, *file, *words
            )
            assert code == 0
            shown[login, form] = out.read_bytes() if form == "xlsx" else text.encode()
    return shown


@dataclass
class History:
    """A home into which deliveries come one after the other, and the lists that were issued on the way."""

    home: Home
    made: Path
    lists: list[tuple[date, date, int, str, dict[tuple[str, str], bytes]]] = field(default_factory=list)

    def land(self, *months: str) -> None:
        """Let the deliveries made for these days arrive."""
        for folder in sorted(self.made.iterdir()):
            if folder.name[:10] in months:
                shutil.copytree(folder, self.home.landing / "synth" / folder.name)

    def deliver(self, name: str, on: str, files: dict[str, list[dict]], **notes: object) -> None:
        """Let a delivery written by hand arrive, dated as it says."""
        folder = self.home.landing / "synth" / name
        folder.mkdir(parents=True)
        for dataset, rows in files.items():
            pl.DataFrame(rows).write_csv(folder / f"{dataset}.csv")
        note = {"source": "e-klase", "delivered_on": on, "datasets": notes}
        (folder / "delivery.yaml").write_text(yaml.safe_dump(note), encoding="utf-8")

    def issue(self, out: Path) -> dict:
        """Run on the default days and keep what readers saw."""
        report = run(self.home, Clocks(None, None))
        assert report["success"], report["failures"]
        days = (report["as_of"], report["known_on"])
        clocks = ("--as-of", str(days[0]), "--known-on", str(days[1]))
        self.lists.append((*days, report["list"]["number"], report["run_id"], show(self.home, out, *clocks)))
        return report

    def delivered(self, dataset: str, delivery: str) -> pl.DataFrame:
        return pl.read_csv(self.made / delivery / f"{dataset}.csv", infer_schema=False)


def unexcused_of_listed(history: History, delivery: str, pupils: int) -> pl.DataFrame:
    """Return the unexcused absences that a delivery told of some pupils."""
    told = history.delivered("attendance", delivery).filter(pl.col("code") == "n")
    busiest = told.group_by("person_code").len().sort("len", "person_code", descending=True)["person_code"]
    return told.filter(pl.col("person_code").is_in(busiest.head(pupils).to_list()))


def renamed(history: History, code: str, family: str) -> dict:
    register = history.delivered("pupil", "2025-09-05-viis-registri")
    return register.row(by_predicate=pl.col("person_code") == code, named=True) | {"family_name": family}


@pytest.fixture(scope="module")
def history(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Give four runs: the second on the same days as the first, the third with late news of the time before."""
    folder = tmp_path_factory.mktemp("history")
    write_country(folder / "made", 150, 1, 5, "exceptions", "csv")
    past = History(Home(folder / "home", settings().secrets), folder / "made")
    out = folder / "list.xlsx"
    past.land("2025-09-05", "2025-09-30", "2025-10-03", "2025-10-20")
    past.issue(out)
    told = unexcused_of_listed(past, "2025-10-03-eklase-2025-09", 3)
    codes = told["person_code"].unique(maintain_order=True).to_list()
    school = past.delivered("institution", "2025-09-05-viis-registri").row(0, named=True)
    past.deliver(
        "the-same-day",
        "2025-10-20T16:00:00+03:00",
        {
            "pupil": [renamed(past, codes[0], "Jaunuzvārde")],
            "institution": [school | {"name": "Jaunā vidusskola"}],
            "attendance": [row | {"code": "ns"} for row in told.filter(pl.col("person_code") == codes[0]).to_dicts()],
        },
    )
    past.issue(out)
    past.land("2025-10-31", "2025-11-03")
    past.issue(out)
    past.deliver(
        "late-and-dated-before",
        "2025-10-06T08:00:00+03:00",
        {
            "pupil": [renamed(past, codes[1], "Vēlāka")],
            "attendance": [row | {"code": "ns"} for row in told.filter(pl.col("person_code") == codes[1]).to_dicts()],
        },
    )
    past.land("2025-11-20")
    past.issue(out)
    return past


def test_every_list_that_was_issued_is_reproduced_byte_for_byte(history: History, tmp_path: Path):
    assert len({(as_of, known_on) for as_of, known_on, *_ in history.lists}) == 3
    for as_of, known_on, number, run_id, then in history.lists:
        clocks = ("--as-of", str(as_of), "--known-on", str(known_on), "--issue", str(number))
        assert show(history.home, tmp_path / "again.xlsx", *clocks) == then
        assert show(history.home, tmp_path / "again.xlsx", "--run", run_id) == then
    assert len({frozenset(then.items()) for *_, then in history.lists}) == 4, "the lists differ, or nothing was proved"


def test_the_newest_issue_of_the_same_days_is_shown_and_the_reader_is_told(history: History, tmp_path: Path):
    as_of, known_on, number, _, then = history.lists[1]
    words = ("list", PLACE, "--as-of", str(as_of), "--known-on", str(known_on), "--format", "csv", "--capacity", "200")
    code, text, told = invoke(history.home, *words, "--as", READER)
    assert (code, text.encode(), number) == (0, then[READER, "csv"], 2)
    assert "2 lists were issued" in told


def test_names_and_places_are_those_of_the_list(history: History):
    first, second, third, _ = (then for *_, then in history.lists)
    assert "Jaunā vidusskola".encode() not in first["", "csv"]
    assert "Jaunā vidusskola".encode() in second["", "csv"]
    names = [{p["name"] for p in json.loads(then[READER, "json"])["pupils"]} for then in (first, second, third)]
    assert not any("Jaunuzvārde" in name for name in names[0])
    assert not any("Vēlāka" in name for name in names[2]), "it was not known when the list was issued"


def test_a_place_is_found_by_the_name_it_had_and_by_the_name_it_got(history: History):
    as_of, known_on, *_ = history.lists[0]
    clocks = ("--as-of", str(as_of), "--known-on", str(known_on), "--issue", "1", "--format", "json")
    old, new = (invoke(history.home, "list", name, *clocks)[1] for name in ("ziedu vidusskola", "Jaunā vidusskola"))
    assert json.loads(old)["place"] == json.loads(new)["place"]
    assert "izdomāta" in json.loads(new)["place"]["name"]


@pytest.fixture(scope="module")
def fresh(history: History, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Give a home of its own with the same deliveries, all there at once, and run it once."""
    home = Home(tmp_path_factory.mktemp("fresh") / "home", history.home.secrets)
    shutil.copytree(history.home.landing, home.root / "landing")
    report = run(home, Clocks(None, None))
    assert report["success"], report["failures"]
    return home


def test_a_fresh_home_makes_the_same_lists_where_deliveries_came_when_they_say(
    history: History, fresh: Home, tmp_path: Path
):
    for place in (2, 3):
        as_of, known_on, _, _, then = history.lists[place]
        clocks = ("--as-of", str(as_of), "--known-on", str(known_on))
        again = show(fresh, tmp_path / "fresh.xlsx", *clocks)
        # The third list was issued before the late delivery came: a fresh home knows better, and says so.
        assert (again == then) == (place == 3)


def test_a_list_nobody_issued_is_the_same_in_either_home(history: History, fresh: Home, tmp_path: Path):
    clocks = ("--as-of", "2025-10-13", "--known-on", "2025-10-12")
    made, again = (show(home, tmp_path / "made.xlsx", *clocks) for home in (history.home, fresh))
    assert made == again
    assert json.loads(made["", "json"])["pupils"]


def stand(home: Home) -> tuple:
    return Warehouse(home).query("select as_of, known_on from risk.stand").row(0)


def test_a_replay_leaves_what_stands_as_it_is(history: History):
    release = (history.home.releases / "current").resolve().name
    before, bytes_before = stand(history.home), history.home.warehouse.read_bytes()
    code, text, _ = invoke(history.home, "list", PLACE, "--as-of", "2025-11-10", "--format", "csv")
    assert (code, stand(history.home)) == (0, before)
    assert history.home.warehouse.read_bytes() == bytes_before
    assert (history.home.releases / "current").resolve().name == release
    assert not list(history.home.scratch.glob("replay-*"))
    assert issues(history.home, date(2025, 11, 10))[-1].made_by == "replay"
    assert text.startswith("position,")


def test_what_later_deliveries_changed_is_told_with_the_delivery(history: History):
    as_of, known_on, _, run_id, then = history.lists[0]
    code, text, _ = invoke(history.home, "status", "--since", run_id, "--json", "--trace")
    found = json.loads(text)
    assert (code, found["as_of"], found["known_on"]) == (0, str(as_of), str(known_on))
    deliveries = {touch["delivery_id"] for row in found["changes"] for touch in row["deliveries"]}
    assert {"e-klase.the-same-day", "e-klase.late-and-dated-before"} <= deliveries
    assert all(row["deliveries"] for row in found["changes"]), "every change has a cause that was delivered"
    left = [row for row in found["changes"] if row["change"] in ("left", "changed")]
    assert left
    assert all(any(touch["is_decisive"] for touch in row["deliveries"]) for row in found["changes"])
    names = {row["delivery_id"] for row in found["deliveries"]}
    assert {"e-klase.the-same-day", "e-klase.late-and-dated-before"} <= names
    assert sum(found["counts"].values()) == len(found["changes"])
    total = json.loads(then["", "json"])["pupils_raised"]
    entered, gone = (found["counts"].get(change, 0) for change in ("entered", "left"))
    assert found["pupils_then"] == total
    assert found["pupils_now"] == total + entered - gone


def test_nothing_changed_since_the_last_run(history: History):
    run_id = history.lists[-1][3]
    _, text, _ = invoke(history.home, "status", "--since", run_id, "--json")
    found = json.loads(text)
    assert (found["changes"], found["deliveries"], found["counts"]) == ([], [], {})


def test_what_changed_names_no_pupil(history: History):
    code, text, _ = invoke(history.home, "status", "--since", history.lists[0][3])
    assert code == 0
    register = history.delivered("pupil", "2025-09-05-viis-registri")
    assert not any(name in text for name in register["family_name"] if len(name) > 5)


def test_status_as_known_on_a_day_counts_what_had_been_delivered(history: History):
    code, text, _ = invoke(history.home, "status", "--as-of", "2025-10-13", "--known-on", "2025-10-12", "--json")
    found = json.loads(text)
    assert (code, found["replay"]) == (0, {"as_of": "2025-10-13", "known_on": "2025-10-12"})
    assert {d["delivery_id"] for d in found["deliveries"] if "synth" not in d["delivery_id"]}
    assert max(d["delivered_on"] for d in found["deliveries"]) < "2025-10-13"
    sums = [d["rows_accepted"] + d["rows_quarantined"] + d["rows_superseded"] for d in found["deliveries"]]
    assert sums == [d["rows_delivered"] for d in found["deliveries"]]


def test_evaluate_release_and_attack_stand_on_a_past_day_beside_the_newest(history: History):
    clocks = ("--as-of", "2025-10-13", "--known-on", "2025-10-12")
    current = (history.home.releases / "current").resolve().name
    from pipelines.errors import UsageError

    with pytest.raises(UsageError, match="pumpurs release --as-of 2025-10-13 --known-on 2025-10-12"):
        invoke(history.home, "attack", *clocks)
    code, text, _ = invoke(history.home, "release", *clocks, "--json")
    made = json.loads(text)["release_id"]
    assert (code, made[:10]) == (0, "2025-10-13")
    assert (history.home.releases / "current").resolve().name == current
    code, text, _ = invoke(history.home, "attack", *clocks, "--json")
    assert (code, json.loads(text)["release_id"]) == (0, made)
    assert invoke(history.home, "evaluate", *clocks)[0] == 0
    assert (history.home.root / "model_report.2025-10-13_2025-10-12.md").exists()
