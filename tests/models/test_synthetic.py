"""The invented country: lawful codes, plausible schools, calibrated careers, registers that never tell the future."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from models.synthetic import Parameters, build_country, schedule
from models.synthetic.fates import LEAVING
from models.synthetic.person_codes import check_digits, person_codes
from models.synthetic.registers import REGISTERS
from models.synthetic.schools import build_schools, institutions
from models.synthetic.streams import apportion, pick_distinct, stream
from tests.synthetic_world import LAST_DAY, PUPILS, country, spells

# Draws


def test_a_stream_depends_on_purpose_and_key_alone() -> None:
    assert stream(7, "marks", 1, 2).random() == stream(7, "marks", 1, 2).random()
    others = [stream(8, "marks", 1, 2), stream(7, "work", 1, 2), stream(7, "marks", 2, 1)]
    assert len({stream(7, "marks", 1, 2).random(), *(other.random() for other in others)}) == 4


@pytest.mark.parametrize("total", [0, 1, 7, 1000])
def test_apportioned_parts_add_up_and_stay_near_their_share(total: int) -> None:
    for case in range(50):
        rng = stream(case, "test")
        weights = rng.integers(1, 50, rng.integers(1, 20))
        parts = apportion(weights, total)
        assert parts.sum() == total
        assert (abs(parts - weights * total / weights.sum()) < 1).all()


@pytest.mark.parametrize("count", [1, 2, 17, 30])
def test_distinct_picks_are_distinct(count: int) -> None:
    for case in range(20):
        assert len(set(pick_distinct(stream(case, "test"), np.ones(30), count).tolist())) == count


# People


def test_old_codes_carry_the_birth_date_and_the_published_check_digit() -> None:
    births = np.repeat(np.array(["2009-03-05", "2017-06-30"], dtype="datetime64[D]"), 300)
    codes = person_codes(births, np.zeros(600, bool), 3)
    assert {code[:8] for code in codes} == {"050309-2", "300617-2"}
    digits = np.array([[int(c) for c in code.replace("-", "")] for code in codes])
    weighted = 1101 - digits[:, :10] @ np.array([1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
    assert (check_digits(digits[:, :10]) == digits[:, 10]).all()
    assert (weighted % 11 % 10 == digits[:, 10]).all(), "the usual form of the same rule"
    assert len(set(codes)) == 600


@pytest.mark.parametrize(("birth", "immigrant"), [("2017-07-01", False), ("2005-01-01", True)])
def test_new_codes_say_nothing_about_the_person(birth: str, immigrant: bool) -> None:
    codes = person_codes(np.repeat(np.datetime64(birth, "D"), 2000), np.repeat(immigrant, 2000), 0)
    assert len(set(codes)) == 2000
    assert all(code[0] == "3" and code[1] in "23456789" and code[6] == "-" and len(code) == 12 for code in codes)


def test_everyone_has_a_code_of_their_own_and_a_plausible_age() -> None:
    people = country().people
    assert people["person_code"].is_unique().all()
    told = country().spells[0].join(people.select("pupil", "birth_date", "immigrant"), on="pupil")
    age = 2024 - told["birth_date"].dt.year() - told["grade"]
    assert set(age) == {6, 7}
    assert 0.03 < (age == 7).mean() < 0.09
    new = told["person_code"].str.starts_with("3") & (told["person_code"].str.slice(1, 1).cast(int) >= 2)
    assert new.filter(told["birth_date"] >= date(2017, 7, 1)).all()
    assert 0.005 < new.filter(told["birth_date"] < date(2017, 1, 1)).mean() < 0.03


# Schools and rolls


@pytest.mark.parametrize("pupils", [16, 299, 300, 1000, 5000, 250_000])
def test_schools_hold_exactly_the_pupils_asked_for(pupils: int) -> None:
    schools = build_schools(Parameters(pupils, 1, 3))
    assert schools["size"].sum() == pupils
    assert schools["size"].min() >= 1
    assert (schools["kind"] == "vocational").any() == (pupils >= 300)
    assert schools["name"].str.contains("(izdom", literal=True).all()
    assert schools["school_reg_no"].str.contains("^99[0-9]{8}$").all()
    assert schools["name"].is_unique().all()


def test_a_whole_country_looks_like_latvia() -> None:
    schools = build_schools(Parameters(250_000, 1, 3))
    general = schools.filter(pl.col("kind") == "general")["size"]
    assert 330 < general.mean() < 420
    assert general.quantile(0.1) < 70
    assert general.max() <= 1600
    assert schools["atvk_code"].n_unique() == 43


def test_the_merger_gives_a_school_of_madona_two_rows() -> None:
    rows = institutions(country().schools)
    moved = rows.filter(pl.col("school_reg_no").is_in(rows.filter(pl.col("atvk_code") == "0038001")["school_reg_no"]))
    assert set(moved["atvk_code"]) >= {"0038000", "0038001"}
    assert (moved.group_by("school_reg_no").len()["len"] == 2).all()
    assert set(moved["valid_to"]) == {date(2025, 6, 30), None}


@pytest.mark.parametrize("year_no", [0, 1])
def test_the_roll_of_each_year_is_the_number_asked_for(year_no: int) -> None:
    on_roll = country().spells[year_no]
    assert on_roll["pupil"].n_unique() == PUPILS
    assert set(on_roll["grade"]) == set(range(1, 14))
    assert on_roll.filter(pl.col("kind") == "vocational")["grade"].min() == 10
    assert 18 < on_roll.group_by("school", "class_label").len()["len"].mean() < 28


def test_spells_of_a_pupil_never_overlap_and_hand_over_on_the_day() -> None:
    ordered = spells().sort("pupil", "entry_date").with_columns(
        following=pl.col("entry_date").shift(-1).over("pupil"),
        next_grade=pl.col("grade").shift(-1).over("pupil"),
        next_school=pl.col("school").shift(-1).over("pupil"),
    )  # fmt: skip
    later = ordered.filter(pl.col("following").is_not_null())
    assert (later["exit_date"] <= later["following"]).all()
    assert (ordered["exit_date"].is_null() | (ordered["exit_date"] > ordered["entry_date"])).all()
    up = later.filter(pl.col("exit_status") == "pārcelts")
    assert (up["exit_date"] == up["following"]).all()
    assert (up["next_grade"] == up["grade"] + 1 - up["repeats"].cast(int)).all()
    changed = later.filter(pl.col("exit_status") == "mainījis skolu")
    assert ((changed["next_school"] != changed["school"]) & (changed["next_grade"] == changed["grade"])).all()
    assert (changed["exit_date"] == changed["following"]).all()


def test_statuses_are_written_as_registers_write_them() -> None:
    statuses = {"pārcelts", "mainījis skolu", "absolvējis", "atskaitīts", "pārtraucis mācības", "izbraucis no valsts"}
    assert set(spells()["exit_status"]) == statuses | {None}
    assert (spells()["exit_status"].is_null() == spells()["exit_date"].is_null()).all()


def test_who_leaves_does_not_come_back() -> None:
    gone = spells().filter(pl.col("fate").is_in(LEAVING) & (pl.col("year") == 0))["pupil"]
    assert not country().spells[1]["pupil"].is_in(gone.implode()).any()


def test_comings_and_goings_are_calibrated() -> None:
    share = {name: (spells()["fate"] == name).mean() for name in ("drifts_out", "leaves_unseen", "abroad")}
    leaving = share["drifts_out"] + share["leaves_unseen"]
    assert 0.024 < leaving < 0.037
    assert 0.18 < share["leaves_unseen"] / leaving < 0.32
    assert 0.002 < share["abroad"] < 0.007
    assert 0.014 < (spells()["exit_status"] == "mainījis skolu").mean() < 0.027
    assert 0.007 < spells()["repeats"].mean() < 0.013
    first = spells().sort("start").unique(("pupil", "year"), keep="first", maintain_order=True)
    assert 0.008 < (first["start"] > 0).mean() < 0.016


def test_leaving_is_concentrated_in_grade_8_and_after() -> None:
    leaves = spells().filter(pl.col("fate").is_in(LEAVING))
    assert (leaves["grade"] >= 8).mean() > 0.75
    rate = dict(spells().group_by("kind").agg(pl.col("fate").is_in(LEAVING).mean()).iter_rows())
    assert rate["vocational"] > 2 * rate["general"]


# Registers


def test_plans_go_to_a_tenth_of_pupils_and_to_those_who_struggle() -> None:
    plans = REGISTERS["support_plan"](country(), LAST_DAY).filter(pl.col("school_year") == "2025/2026")
    assert 0.085 < plans["person_code"].n_unique() / PUPILS < 0.105
    on_roll = country().spells[1]
    planned = on_roll["person_code"].is_in(plans["person_code"].implode())
    assert on_roll.filter(planned)["skill"].mean() < on_roll.filter(~planned)["skill"].mean() - 0.4


def test_plans_pass_through_every_state() -> None:
    days = [date(2025, 9, 30) + timedelta(30 * n) for n in range(8)]
    states = set().union(*(REGISTERS["support_plan"](country(), day)["status"] for day in days))
    assert states == {"draft", "in_approval", "approved", "in_progress", "under_revision", "paused", "void"}


def test_no_plan_outlives_its_semester_or_its_pupil() -> None:
    plans = REGISTERS["support_plan"](country(), LAST_DAY)
    assert plans["closed_on"].is_not_null().all()
    last = spells().group_by("person_code").agg(pl.col("exit_date").fill_null(LAST_DAY).max())
    told = plans.join(last, on="person_code")
    assert (told["closed_on"] <= told["exit_date"]).all()


def test_most_measures_answer_learning_and_school() -> None:
    measures = REGISTERS["support_measure"](country(), LAST_DAY)
    assert 0.75 < (measures["risk_group"] == "learning_school").mean() < 0.85
    economic = measures.filter(pl.col("risk_group") == "economic")
    assert 0.6 < (economic["measure_code"] == "compensation").mean() < 0.95


@pytest.mark.parametrize("name", REGISTERS)
def test_a_register_never_tells_the_future(name: str) -> None:
    day = date(2025, 11, 15)
    table = REGISTERS[name](country(), day)
    told = [
        c for c in ("entry_date", "exit_date", "status_on", "closed_on", "held_on", "asked_on") if c in table.columns
    ]
    assert all((table[column].is_null() | (table[column] <= day)).all() for column in told)


def test_the_demonstration_logins_see_what_they_should() -> None:
    roles = REGISTERS["role_assignment"](country(), country().years[0].first)
    sees = dict(roles.group_by("login", "role").agg("organisation").select("login", "organisation").iter_rows())
    assert len(sees["demo-coordinator"]) == country().schools["atvk_code"].n_unique() > 1
    assert sees["demo-school"] == [country().schools["school_reg_no"][0]]


# Limits


@pytest.mark.parametrize(
    ("arguments", "limit"),
    [
        ((100, 3), "1 to 2.*2024/2025 and 2025/2026"),
        ((100, 0), "1 to 2"),
        ((15, 1), "at least 16"),
        ((100, 1, -1), "0 or more"),
    ],
)
def test_impossible_countries_are_refused_by_name(arguments: tuple[int, ...], limit: str) -> None:
    with pytest.raises(ValueError, match=limit):
        Parameters(*arguments)


@pytest.mark.parametrize("pupils", [16, 60, 310])
def test_a_tiny_country_still_has_two_years(pupils: int) -> None:
    tiny = build_country(Parameters(pupils, 2, 5))
    assert [s["pupil"].n_unique() for s in tiny.spells] == [pupils, pupils]


def test_deliveries_arrive_in_the_order_of_their_names() -> None:
    sent = [delivery.delivered_on for delivery in schedule(Parameters(100, 2, 1))]
    assert sent == sorted(sent)
    assert {moment.utcoffset() for moment in sent} == {timedelta(hours=2), timedelta(hours=3)}
