"""A list as issued never changes: kept once, numbered, proven whole, with the names and places of its day."""

import random
import shutil
from datetime import date
from pathlib import Path

import pytest

from assets.case_list import NoSuchList, find_place, read_list
from assets.home import Home
from assets.identity import Identity
from assets.issued import REPLAY, RUN, ListDamaged, build_and_issue, issue, issues
from assets.warehouse import Warehouse
from tests.assets.history import Weeks, key_of, registers, roll
from tests.assets.kit import SCHOOL, Country, institution, pupil

MONDAY = date(2024, 9, 9)
DAYS = (MONDAY, MONDAY)
ROLE = {"login": "koordinators", "role": "school_coordinator", "organisation": SCHOOL, "valid_from": "2024-09-01"}


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Give a country whose first week was listed."""
    from assets.stand import Days

    root = tmp_path_factory.mktemp("listed")
    country = Country(Home(root / "home", root / "secrets"))
    country.home.prepare()
    with country.one_session() as session:
        weeks = Weeks(session, random.Random(0))
        weeks.deliver(registers() | {"role_assignment": [ROLE]}, "2024-09-01T08:00:00+03:00")
        note = {"mode": "delta", "shape": "roll"}
        weeks.deliver({"attendance": roll(0, range(1, 7))}, "2024-09-07T08:00:00+03:00", attendance=note)
        weeks.stand_on(Days(MONDAY, MONDAY))
    return country


@pytest.fixture
def home(listed: Country, tmp_path: Path) -> Country:
    return listed.copy(tmp_path / "home")


def sql(home: Country, statement: str) -> None:
    with home.warehouse.connect() as connection:
        connection.execute(statement)


def test_the_same_list_is_kept_once_and_another_gets_the_next_number(home: Country):
    first = issues(home.home, *DAYS)[-1]
    before = first.path.read_bytes()
    assert issue(home.warehouse, *DAYS, RUN) == first
    sql(home, "update listed.attention_list set position = position + 100")
    second = issue(home.warehouse, *DAYS, RUN)
    assert (first.number, second.number) == (1, 2)
    assert issues(home.home, *DAYS) == [first, second]
    assert first.path.read_bytes() == before
    assert first.rows.height == second.rows.height > 0


def test_a_list_that_was_only_looked_at_counts_as_issued_when_a_run_comes_to_the_same(home: Country):
    shutil.rmtree(home.home.issued)
    looked_at = issue(home.warehouse, *DAYS, REPLAY)
    assert looked_at.made_by == REPLAY
    issued = issue(home.warehouse, *DAYS, RUN)
    assert (issued.number, issued.made_by, issued.digest) == (1, RUN, looked_at.digest)
    assert issue(home.warehouse, *DAYS, REPLAY) == issued
    assert issues(home.home) == [issued]


def test_lists_from_before_lists_were_kept_are_issued_by_the_next_run(home: Country):
    shutil.rmtree(home.home.issued)
    sql(home, "insert into listed.attention_list select * replace (as_of - 7 as as_of) from listed.attention_list")
    build_and_issue(home.warehouse)
    assert [one.as_of for one in issues(home.home)] == [date(2024, 9, 2), MONDAY]


@pytest.mark.parametrize("damage", ["cut", "other", "empty"])
def test_a_damaged_list_is_never_shown(home: Country, damage: str):
    kept = issues(home.home)[-1].path
    if damage == "other":
        sql(home, "update listed.attention_list set reasons_lv = 'cits'")
        shutil.copy(issue(home.warehouse, *DAYS, RUN).path, kept)
    else:
        kept.write_bytes(kept.read_bytes()[:500] if damage == "cut" else b"")
    with pytest.raises(ListDamaged, match="is damaged"):
        _ = issues(home.home)[0].rows


def test_names_are_those_of_the_list_whatever_comes_later_or_is_dated_before(home: Country):
    who, key = ("koordinators", MONDAY), key_of(home, 6)
    home.deliver("later", {"pupil": [pupil(6, "Vēlāka")]}, on="2024-10-01")
    home.deliver("dated-before", {"pupil": [pupil(6, "Agrāka")]}, on="2024-09-03")
    home.take_in("pupil")
    shown = read_list(home.warehouse, issues(home.home)[-1], SCHOOL, 10, who)
    names = dict(zip(shown.rows["pupil_key"], shown.rows["name"], strict=True))
    assert names[key] == "Anna Liepa"
    identity = Identity(home.home)
    assert identity.read_vault()[key].given_name == "Vēlāka"
    assert identity.read_vault(identity.vault_files(MONDAY))[key].given_name == "Agrāka"


def test_of_names_delivered_in_one_second_the_later_counts(home: Country):
    for name, fraction, given in (("b", "200000", "Pirmā"), ("a", "900000", "Otrā")):
        home.deliver(name, {"pupil": [pupil(6, given)]}, on=f"2024-10-01T08:00:00.{fraction}+03:00")
    home.take_in("pupil")
    assert Identity(home.home).read_vault()[key_of(home, 6)].given_name == "Otrā"


def test_a_name_erased_from_the_vault_stays_erased_on_an_old_list(home: Country):
    for sealed in home.home.vault.glob("*.age"):
        sealed.unlink()
    shown = read_list(home.warehouse, issues(home.home)[-1], SCHOOL, 10, ("koordinators", MONDAY))
    assert shown.rows["name"].to_list() == shown.rows["pupil_key"].to_list()


def test_a_role_that_ended_shows_no_names_however_old_the_list(home: Country):
    home.deliver("ended", {"role_assignment": [ROLE | {"valid_to": "2024-09-30"}]}, on="2024-09-30")
    home.take_in("role_assignment")
    home.warehouse.build("core.role_assignment")
    kept = issues(home.home)[-1]
    looks = [read_list(home.warehouse, kept, SCHOOL, 10, ("koordinators", day)) for day in (MONDAY, date(2024, 10, 1))]
    assert [look.is_named for look in looks] == [True, False]


def test_a_place_is_called_as_it_was_and_found_by_either_name(home: Country):
    home.deliver("renamed", {"institution": [institution() | {"name": "Jaunā skola"}]}, on="2024-10-01")
    home.take_in("institution")
    home.warehouse.build("core.institution")
    from assets.issued import PLACES

    kept, today = issues(home.home)[-1], home.warehouse.query(PLACES)
    for wanted in (SCHOOL, "jaunā"):
        place = find_place(kept, wanted, today)
        assert (place.code, place.name) == (SCHOOL, "Skola")
    with pytest.raises(NoSuchList, match="2 places fit"):
        find_place(kept, "skola", today)
    with pytest.raises(NoSuchList, match="no school or municipality"):
        find_place(kept, "nekur", today)


def test_no_name_is_kept_with_a_list(home: Country):
    assert not any(b"Liepa" in path.read_bytes() for path in home.home.issued.rglob("*.parquet"))


def test_a_delivery_of_the_hour_that_comes_twice_is_taken_in_once(home: Country):
    home.deliver("autumn", {"pupil": [pupil(7)]}, on="2025-10-26T03:30:00")
    for _ in range(2):
        home.take_in("pupil")
    known = home.query("select delivery_id, status from raw.intake where delivery_id like '%autumn%'")
    assert known == [("viis.autumn", "accepted")]


def test_a_list_reads_nothing_of_the_tables_it_was_built_from(home: Country):
    kept = issues(home.home)[-1]
    rows = kept.rows
    sql(home, "update listed.attention_list set reasons_lv = ''; update core.institution set name = 'cita'")
    again = issues(home.home)[-1]
    assert again.rows.equals(rows)
    assert Warehouse(home.home).query("select max(reasons_lv) as said from listed.attention_list")["said"][0] == ""
