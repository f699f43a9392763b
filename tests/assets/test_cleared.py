"""Delivering corrected rows clears those that waited: they count as superseded and leave the report."""

import itertools
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assets import cleared
from tests.assets.kit import OTHER_SCHOOL, SCHOOL, Country, absence, as_csv, mark, pupil
from tests.assets.test_intake_cut_short import Cut
from tests.assets.test_intake_order import FEW, MANY, Told, check, lessons, references

UNREADABLE = "aizvakar"


def wrong(number: int = 1, **more: Any) -> dict[str, Any]:
    """Return an absence whose key can be read, but not the day of its excuse."""
    return absence(number, excused_on=UNREADABLE, **more)


def lines(country: Country, delivery: str = "viis.a") -> list[str]:
    path = country.home.quarantine / delivery / "report.csv"
    return [line["line"] for line in country.report(delivery)] if path.exists() else []


def test_the_corrected_row_takes_the_place_of_the_one_that_waited(country: Country):
    country.deliver("a", {"attendance": [wrong(1), wrong(2), absence(3)]}, on="2024-09-10")
    country.take_in("attendance")
    assert (country.counts("viis.a", "attendance"), lines(country)) == ((3, 1, 2, 0), ["2", "3"])
    country.deliver("b", {"attendance": [absence(1)]}, on="2024-09-12")
    country.take_in("attendance")
    assert (country.counts("viis.a", "attendance"), lines(country)) == ((3, 1, 1, 1), ["3"])
    assert country.ledger("viis.a", "attendance")["status"] == "partly accepted"
    country.deliver("c", {"attendance": [absence(2)]}, on="2024-09-14")
    country.take_in("attendance")
    assert (country.counts("viis.a", "attendance"), lines(country)) == ((3, 1, 0, 2), [])
    assert country.ledger("viis.a", "attendance")["status"] == "accepted"


NOT_A_CORRECTION = {
    "of another sender": {"source": "mykoob"},
    "delivered before": {"on": "2024-09-08"},
    "about another lesson": {"row": absence(1, lesson=2)},
    "that waits itself": {"row": wrong(1, code="ns")},
}


@pytest.mark.parametrize("what", NOT_A_CORRECTION)
def test_a_row_is_not_cleared_by_one(country: Country, what: str):
    said = {"row": absence(1), "on": "2024-09-12"} | NOT_A_CORRECTION[what]
    country.deliver("a", {"attendance": [wrong(1)]}, on="2024-09-10")
    country.deliver("b", {"attendance": [said.pop("row")]}, **said)
    country.take_in("attendance")
    assert (country.counts("viis.a", "attendance"), lines(country)) == ((1, 0, 1, 0), ["2"])


def test_rows_that_contradict_each_other_are_both_cleared(country: Country):
    country.deliver("a", {"mark": [mark(1, "7"), mark(1, "8"), mark(2, "9")]}, on="2024-09-10")
    country.deliver("b", {"mark": [mark(1, "8")]}, on="2024-09-12")
    country.take_in("mark")
    assert (country.counts("viis.a", "mark"), lines(country)) == ((3, 1, 0, 2), [])


def test_a_withdrawn_key_no_longer_waits(country: Country):
    country.deliver("a", {"attendance": [wrong(1), wrong(2)]}, on="2024-09-10")
    country.deliver("b", {"attendance": [absence(1)]}, on="2024-09-12", notes={"attendance": {"deleted": True}})
    country.take_in("attendance")
    assert (country.counts("viis.a", "attendance"), lines(country)) == ((2, 0, 1, 1), ["3"])


def full(schools: list[str], first: str = "2024-09-01", last: str = "2024-09-30") -> dict[str, Any]:
    return {"attendance": {"mode": "full", "schools": schools, "from": first, "to": last}}


# A row of the school's 2 September, one of another school, one of another month, one nobody can read.
TOLD = as_csv([wrong(1), wrong(2, school_reg_no=OTHER_SCHOOL), wrong(3, day="2024-10-02")]) + "a,b\n"
FULLS = {
    "of the same scope": (full([SCHOOL]), full([SCHOOL]), []),
    "of all schools": ({}, full([]), ["4", "5"]),
    "of one school": ({}, full([SCHOOL]), ["3", "4", "5"]),
    "of everything": ({}, {"attendance": {"mode": "full"}}, []),
    "of more than was told": (full([SCHOOL], "2024-09-02", "2024-10-02"), full([SCHOOL], last="2024-10-31"), []),
    "of less than was told": (full([SCHOOL], last="2024-10-31"), full([SCHOOL]), ["3", "4", "5"]),
}


@pytest.mark.parametrize("what", FULLS)
def test_a_full_delivery_replaces_what_waits_of_its_schools_and_dates(country: Country, what: str):
    first, second, left = FULLS[what]
    country.deliver("a", {"attendance": TOLD}, on="2024-11-10", notes=first)
    country.deliver("b", {"attendance": [absence(4)]}, on="2024-11-12", notes=second)
    country.take_in("attendance")
    assert lines(country) == left
    assert country.counts("viis.a", "attendance") == (4, 0, len(left), 4 - len(left))


def test_a_full_delivery_that_says_there_are_none_replaces_too(country: Country):
    country.deliver("a", {"attendance": TOLD}, on="2024-11-10")
    header = as_csv([absence()]).splitlines()[0] + "\n"
    country.deliver("b", {"attendance": header}, on="2024-11-12", notes={"attendance": {"mode": "full"}})
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (4, 0, 0, 4)


CORRECTS_A = {"attendance": {"corrects": ["a"]}}


class TestCorrects:
    """A delivery that names the folder it corrects, for rows whose key nobody can read."""

    def test_it_clears_what_waits_of_that_folder(self, country: Country):
        country.deliver("a", {"attendance": as_csv([absence(lesson=99), absence(2)]) + "a,b\n"}, on="2024-09-10")
        country.deliver("c", {"attendance": as_csv([absence(4)]) + "a,b\n"}, on="2024-09-10")
        country.deliver("b", {"attendance": [absence(1)]}, on="2024-09-12", notes=CORRECTS_A)
        country.take_in("attendance")
        assert country.counts("viis.a", "attendance") == (3, 1, 0, 2)
        assert country.counts("viis.c", "attendance") == (2, 1, 1, 0)

    def test_a_refused_file_is_done_with_but_was_refused(self, country: Country):
        country.deliver("a", {"attendance": "x,y\n1,2\n"}, on="2024-09-10")
        country.deliver("b", {"attendance": [absence(1)]}, on="2024-09-12", notes=CORRECTS_A)
        country.take_in("attendance")
        assert country.counts("viis.a", "attendance") == (1, 0, 0, 1)
        assert country.ledger("viis.a", "attendance")["status"] == "refused"
        assert not list(country.home.quarantine.iterdir())

    @pytest.mark.parametrize("what", ["refused", "waiting", "another sender", "earlier"])
    def test_what_was_not_taken_in_corrects_nothing(self, country: Country, what: str):
        content = {"refused": "x\n1\n", "waiting": as_csv([absence(1, lesson=98)])}.get(what, as_csv([absence(1)]))
        said = {"on": "2024-09-12"} | {"another sender": {"source": "mykoob"}, "earlier": {"on": "2024-09-09"}}.get(
            what, {}
        )
        country.deliver("a", {"attendance": [absence(lesson=99)]}, on="2024-09-10")
        country.deliver("b", {"attendance": content}, notes=CORRECTS_A, **said)
        country.take_in("attendance")
        assert country.counts("viis.a", "attendance") == (1, 0, 1, 0)

    @pytest.mark.parametrize("known", ["2024-09-11", "2024-09-12", "2024-09-16"])
    @pytest.mark.parametrize("order", list(itertools.permutations("abp")))
    def test_what_waited_for_a_pupil_does_not_come_back_beside_its_correction(
        self, country: Country, known: str, order: tuple[str, ...]
    ):
        """The wrong pupil turns out to exist: the row was in force only if that was known before the correction."""
        country.deliver("a", {"attendance": [absence(9)]}, on="2024-09-10")
        country.deliver("b", {"attendance": [absence(1)]}, on="2024-09-12", notes=CORRECTS_A)
        country.deliver("p", {"pupil": [pupil(9)]}, on=known)
        for name in "abp":
            country.hold(name)
        for name in order:
            country.bring(name)
            country.take_in("pupil", "attendance")
        (stands,) = country.query("select count(*) from raw.attendance where delivery_id = 'viis.a'")
        assert stands == (int(known < "2024-09-12"),)
        assert country.query("select count(*) from raw.attendance where delivery_id = 'viis.b'") == [(1,)]
        assert country.counts("viis.a", "attendance") == ((1, 1, 0, 0) if known < "2024-09-12" else (1, 0, 0, 1))

    def test_giving_up_the_correction_lets_the_row_count(self, country: Country):
        """The correction turns out to repeat an earlier delivery that had no pupil to correct yet."""
        country.deliver("a", {"attendance": [absence(9)]}, on="2024-09-10")
        country.deliver("b", {"attendance": [absence(1)]}, on="2024-09-12", notes=CORRECTS_A)
        country.deliver("b0", {"attendance": [absence(1)]}, on="2024-09-09", notes=CORRECTS_A)
        country.deliver("p", {"pupil": [pupil(9)]}, on="2024-09-16")
        country.hold("b0")
        country.take_in("pupil", "attendance")
        assert country.query("select count(*) from raw.attendance where delivery_id = 'viis.a'") == [(0,)]
        country.bring("b0")
        country.take_in("attendance")
        assert country.query("select count(*) from raw.attendance where delivery_id = 'viis.a'") == [(1,)]

    @pytest.mark.parametrize("wrong", ["a", ["../a"], [{"a": 1}], [1.5, None]])
    def test_it_must_be_a_list_of_folders(self, country: Country, wrong: Any):
        folder = country.deliver("b", {"attendance": [absence(1)]}, notes={"attendance": {"corrects": wrong}})
        country.take_in("attendance")
        (line,) = country.report(f"_refused.in.{folder.name}")
        assert line["kas nav kārtībā"] == "`corrects` jābūt agrāku piegādes mapju sarakstam"


def test_going_back_to_what_an_earlier_file_said_must_be_said(country: Country):
    first = {"attendance": [absence(1, code="n")]}
    country.deliver("x", first, on="2024-09-10")
    country.deliver("y", {"attendance": [absence(1, code="ns")]}, on="2024-09-12")
    country.deliver("again", first, on="2024-09-14")
    country.take_in("attendance")
    assert country.rows("code", "attendance") == [("ns",)]
    told = country.ledger("viis.again", "attendance")
    assert (told["status"], "replaced 1 row(s) of that" in told["note"]) == ("duplicate", True)
    country.deliver("back", first, on="2024-09-16", notes={"attendance": {"corrects": ["y"]}})
    country.take_in("attendance")
    assert country.rows("code", "attendance") == [("n",)]


def test_a_row_that_waited_for_a_pupil_was_in_force_until_it_was_corrected(country: Country):
    country.deliver("a", {"attendance": [absence(9, code="n")]}, on="2024-09-10")
    country.deliver("b", {"attendance": [absence(9, code="ns")]}, on="2024-09-14")
    country.deliver("p", {"pupil": [pupil(9)]}, on="2024-09-12")
    country.hold("p")
    country.deliver("q", {"pupil": [pupil(9)]}, on="2024-09-16")
    country.take_in("pupil", "attendance")
    country.bring("p")
    country.take_in("pupil", "attendance")
    assert [country.counts(f"viis.{d}", "attendance") for d in "ab"] == [(1, 0, 0, 1), (1, 1, 0, 0)]


def test_nothing_is_looked_at_while_nothing_waits_or_changes(country: Country, monkeypatch: pytest.MonkeyPatch):
    looked: list[str] = []
    monkeypatch.setattr(cleared, "_clear", lambda intake, entry, later: looked.append(entry.delivery_id))
    country.deliver("a", {"attendance": [absence(1)]}, on="2024-09-10")
    country.take_in("attendance")
    assert looked == []
    country.deliver("b", {"attendance": [wrong(2)]}, on="2024-09-12")
    country.take_in("attendance")
    country.take_in("attendance")
    assert looked == ["viis.b"]
    country.deliver("c", {"attendance": [absence(3)]}, on="2024-09-14")
    country.take_in("attendance")
    assert looked == ["viis.b", "viis.b"]


def test_only_parts_with_the_days_that_wait_are_read(country: Country, monkeypatch: pytest.MonkeyPatch):
    scanned: list[list[str]] = []
    whole = cleared.scan
    monkeypatch.setattr(cleared, "scan", lambda home, paths: scanned.append(list(paths)) or whole(home, paths))
    country.deliver("a", {"attendance": [wrong(1)]}, on="2024-09-10")
    for week in range(3):
        country.deliver(
            f"w{week}", {"attendance": [absence(2, day=f"2024-09-{2 + 7 * week:02}")]}, on=f"2024-10-0{week + 1}"
        )
    country.take_in("attendance")
    assert [len(paths) for paths in scanned] == [1]


@pytest.mark.parametrize("step", ["_read_keys", "_clear", "_clear_by_row"])
def test_a_run_cut_short_clears_all_or_nothing(country: Country, monkeypatch: pytest.MonkeyPatch, step: str):
    country.deliver("a", {"attendance": [wrong(1), wrong(2)]}, on="2024-09-10")
    country.deliver("b", {"attendance": [absence(1)]}, on="2024-09-12")
    whole = getattr(cleared, step)

    def killed(*values: Any) -> None:
        whole(*values)
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(cleared, step, killed)
        with pytest.raises(Cut):
            country.take_only("attendance")
    assert country.query("select count(*) from raw.cleared") == [(0,)]
    country.take_in("attendance")
    assert (country.counts("viis.a", "attendance"), lines(country)) == ((2, 0, 1, 1), ["3"])


@dataclass(frozen=True)
class Wrong(Told):
    """A delivery of rows that wait: the day of the excuse cannot be read, or the lesson, or the whole line."""

    kind: str = "excuse"

    def files(self) -> dict[str, Any]:
        if self.kind == "line":
            return {"attendance": as_csv([absence()]).splitlines()[0] + "\n" + "a,b\n" * len(self.rows)}
        broken = {"excused_on": UNREADABLE} if self.kind == "excuse" else {"lesson_no": 99}
        return {"attendance": [absence(n, lesson=m, code=c) | broken for n, m, c in self.rows]}


row = st.tuples(st.sampled_from([1, 9]), st.sampled_from([1, 2]), st.sampled_from(["n", "ns"]))
broken = st.builds(
    Wrong,
    day=st.integers(10, 14),
    mode=st.sampled_from(["delta", "full"]),
    rows=st.lists(row, min_size=1, max_size=3).map(tuple),
    source=st.sampled_from(["e-klase", "mykoob"]),
    kind=st.sampled_from(["excuse", "lesson", "line"]),
)
histories = st.lists(st.one_of(broken, broken, lessons, references), min_size=2, max_size=5)


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[Told], list[int]]:
    history = draw(histories)
    return history, draw(st.permutations(range(len(history))))


CORRECTED = [
    Wrong(10, rows=((1, 1, "n"), (9, 2, "n"))),
    Told(12, rows=((1, 1, "ns"), (9, 2, "n"))),
    Told(13, brings="pupil"),
    Wrong(11, "full", rows=((1, 1, "n"),), kind="line"),
    Told(14, "full", rows=((1, 1, "n"),)),
]
SAID = [
    Wrong(10, rows=((1, 1, "n"), (9, 2, "n")), kind="lesson"),
    Told(10, rows=((9, 2, "n"),)),
    Told(12, rows=((1, 1, "ns"),), corrects=("d0", "d1")),
    Told(13, brings="pupil"),
    Told(11, brings="pupil"),
]
COUNTER = itertools.count()


@given(case=shuffled())
@example(case=(CORRECTED, [4, 3, 2, 1, 0]))
@example(case=(CORRECTED, [2, 0, 4, 3, 1]))
@example(case=(SAID, [3, 2, 1, 0, 4]))
@example(case=(SAID, [1, 3, 2, 4, 0]))
@FEW
def test_order_makes_no_difference(registered: Country, tmp_path_factory: pytest.TempPathFactory, case: tuple):
    check(registered, tmp_path_factory.mktemp("cleared"), *case)


@pytest.mark.slow
@given(case=shuffled())
@MANY
def test_order_makes_no_difference_in_many_histories(
    registered: Country, tmp_path_factory: pytest.TempPathFactory, case: tuple
):
    check(registered, tmp_path_factory.mktemp("cleared"), *case)
