"""The invented year of lessons: calibrated absence and marks, drift where pupils drift out and nowhere else."""

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from models.synthetic.absence import EXCUSED, ILL
from models.synthetic.fates import LEAVING
from models.synthetic.marks import month_marks, talents
from models.synthetic.period_marks import means
from models.synthetic.timetable import CODES, LESSONS_A_WEEK, NO_LESSON
from models.synthetic.work import KINDS
from tests.synthetic_world import PUPILS, country, daily, marks, months

# Lessons and absence


def test_lessons_a_week_follow_the_grade() -> None:
    chunk = months(0)[0][0].chunk
    weekly = (chunk.timetable != NO_LESSON).sum(axis=(1, 2))
    assert weekly.tolist() == [LESSONS_A_WEEK[grade - 1] for grade in chunk.classes["grade"]]
    most = np.array([5, 5, 5, 6, 6, 7, 7, 8, 8, 8, 8, 8, 8])[chunk.classes["grade"].to_numpy() - 1]
    assert ((chunk.timetable != NO_LESSON).sum(axis=2).max(axis=1) <= most).all()


def test_a_few_lessons_are_not_held_and_more_of_mathematics() -> None:
    subject = np.concatenate([m.subject.ravel() for chunk in months(0) for m in chunk])
    held = np.concatenate([m.held.ravel() for chunk in months(0) for m in chunk])
    maths = subject == CODES.index("MAT")
    assert 0.05 < 1 - held[maths].mean() < 0.09
    assert 0.02 < 1 - held[(subject != NO_LESSON) & ~maths].mean() < 0.04


@pytest.mark.parametrize("year_no", [0, 1])
def test_absence_is_calibrated(year_no: int) -> None:
    total = daily(year_no).select(pl.sum("held", "missed", "skipped", "ill")).row(0, named=True)
    assert 0.07 < total["missed"] / total["held"] < 0.10
    assert 0.045 < total["ill"] / total["held"] < 0.065
    assert 0.009 < total["skipped"] / total["held"] < 0.020
    assert 900 < total["held"] / PUPILS < 1150


def test_illness_comes_in_spells() -> None:
    sick = daily(0).filter(pl.col("ill") > 0).sort("pupil", "day")
    runs = (sick["day"].diff() != 1) | (sick["pupil"].diff() != 0)
    assert 2.2 < len(sick) / runs.sum() < 4.5


def test_half_of_the_excuses_come_after_the_month_and_none_after_its_correction() -> None:
    for month in months(0)[0]:
        away = month.rows & ((month.code == ILL) | (month.code == EXCUSED))
        pupil, day, _ = np.nonzero(away)
        late, on = month.days.is_late[pupil, day], month.days.excused_on[pupil, day]
        told, again = (np.datetime64(d).astype(int) for d in (month.period.delivered, month.period.corrected))
        assert 0.40 < late.mean() < 0.60
        assert (on[~late] < told).all()
        assert ((on[late] > told) & (on[late] < again)).all()
        assert (on >= month.dates.astype(int)[day]).all()


# Signals


def _skipping_before_exit(fate: str) -> float:
    """Share of lessons skipped in the last four weeks before leaving."""
    rows = daily(0).filter((pl.col("fate") == fate) & (pl.col("stop") - pl.col("day") <= 20))
    return rows["skipped"].sum() / rows["held"].sum()


def _usual_skipping(year_no: int) -> float:
    stays = daily(year_no).filter((pl.col("fate") == "stays") & (pl.col("grade") >= 8) & (pl.col("dip") == 0))
    return stays["skipped"].sum() / stays["held"].sum()


def test_those_who_drift_out_skip_many_times_more_at_the_end() -> None:
    assert _skipping_before_exit("drifts_out") > 4 * _usual_skipping(0)


def test_those_who_leave_unseen_look_like_everyone_else() -> None:
    assert _skipping_before_exit("leaves_unseen") < 2 * _usual_skipping(0)


def test_marks_fall_before_drifting_out_only() -> None:
    tests = marks(0).filter(pl.col("value").is_not_nan() & (pl.col("grade") >= 8))
    last = pl.col("stop") - pl.col("day") <= 20
    mean = {
        (fate, end): tests.filter((pl.col("fate") == fate) & (last if end else ~last))["value"].mean()
        for fate in ("drifts_out", "leaves_unseen")
        for end in (False, True)
    }
    assert mean["drifts_out", True] < mean["drifts_out", False] - 0.4
    assert mean["leaves_unseen", True] > mean["leaves_unseen", False] - 0.4


def test_lookalikes_drift_and_stay() -> None:
    look = daily(0).filter((pl.col("dip") > 0) & (pl.col("fate") == "stays"))
    assert look["skipped"].sum() / look["held"].sum() > 1.5 * _usual_skipping(0)
    assert look["pupil"].n_unique() > daily(0).filter(pl.col("drift") > 0)["pupil"].n_unique()


def _examples(year_no: int, day: int) -> tuple[np.ndarray, np.ndarray]:
    """Return simple measures of the pupils on roll on a school day, and whether they leave within 12 weeks."""
    seen = daily(year_no).filter(pl.col("day") < day)
    window = [seen.filter(pl.col("day") >= day - length) for length in (10, 20, 60)]
    rates = [
        w.group_by("pupil").agg(pl.col("skipped").sum() / pl.col("held").sum()).rename({"skipped": f"s{n}"})
        for n, w in enumerate(window)
    ]
    got = marks(year_no).filter((pl.col("day") < day) & pl.col("value").is_not_nan())
    level = got.group_by("pupil").agg(level=pl.col("value").mean())
    spells_of_year = country().spells[year_no].filter((pl.col("start") < day) & (pl.col("stop") > day))
    table = spells_of_year.select("pupil", "grade", "kind", "fate", "stop")
    for part in (*rates, level):
        table = table.join(part, on="pupil", how="left", maintain_order="left")
    leaves = table["fate"].is_in(LEAVING) & (table["stop"] - day <= 60)
    measures = table.select(
        pl.col("s0").fill_null(0).sqrt(), pl.col("s1").fill_null(0).sqrt(), pl.col("s2").fill_null(0).sqrt(),
        pl.col("level").fill_null(pl.col("level").mean()), (pl.col("grade") >= 8).cast(int),
        (pl.col("kind") == "vocational").cast(int),
    )  # fmt: skip
    return measures.to_numpy(), leaves.to_numpy()


def test_leaving_can_be_foreseen_but_not_too_well() -> None:
    (train, left), (test, leaves) = (
        tuple(np.concatenate(parts) for parts in zip(*(_examples(year, day) for day in (40, 70, 100)), strict=True))
        for year in (0, 1)
    )
    scaler = StandardScaler().fit(train)
    model = LogisticRegression(C=0.1).fit(scaler.transform(train), left)
    assert 0.77 < roc_auc_score(leaves, model.predict_proba(scaler.transform(test))[:, 1]) < 0.90


# Marks


def test_marks_a_year_are_calibrated() -> None:
    a_pupil = marks(0).group_by(pl.col("grade") > 3).agg(pl.len() / pl.col("pupil").n_unique())
    per_pupil = dict(a_pupil.iter_rows())
    assert 150 < per_pupil[True] < 200
    assert 40 < per_pupil[False] < 90
    values = marks(0).filter(pl.col("value").is_not_nan() & (pl.col("grade") > 3))["value"]
    assert 6.2 < values.mean() < 7.0
    assert 0.03 < (values < 4).mean() < 0.09


def test_every_form_of_mark_occurs() -> None:
    written = set(marks(0)["text"])
    forms = ("^([1-9]|10)$", "^nv$", "^n$", r"^nv\|", r"^[1-3]\|", r"\(p\.d\.\)$", r"\(k\.d\.\)$", "^i$", "^ni$", "^a$",
             "^[STAP]$", ",5%$", "^[0-9]+%$", "/100$")  # fmt: skip
    found = pl.Series(list(written))
    assert all(found.str.contains(form).any() for form in forms)


def test_the_first_grades_are_marked_in_levels() -> None:
    young = marks(0).filter(pl.col("grade") <= 3)
    assert young["text"].str.contains("^([STAP]|n?i|nv?|a)$").all()
    assert young["text"].str.contains("^[STAP]$").mean() > 0.7


def test_an_n_in_place_of_a_mark_is_of_a_test_missed_and_stays() -> None:
    absent = marks(0).filter(pl.col("text") == "n")
    assert (absent["first"] == "n").all()
    assert {KINDS[kind] for kind in absent["kind"].unique()} == {"p.d.", "k.d."}
    assert absent["value"].is_nan().all()
    owed = marks(0)["first"].str.starts_with("nv").sum()
    assert 0.2 < absent.height / (absent.height + owed) < 0.45


def test_brackets_are_the_habit_of_some_schools() -> None:
    bracketed = marks(0)["text"].str.contains("(", literal=True)
    assert bracketed.any()
    assert marks(0).filter(bracketed)["brackets"].all()


def test_a_correction_only_makes_up_or_resits() -> None:
    changed = marks(0).filter(pl.col("first") != pl.col("text"))
    assert changed["text"].str.contains(r"^(nv|[1-3])\|([1-9]|10)$").all()
    before = changed["first"].str.replace(r"\(.*\)", "")
    assert (before == changed["text"].str.split("|").list.first()).all()
    assert {KINDS[kind] for kind in changed["kind"].unique()} == {"p.d.", "k.d."}


def test_declared_means_come_from_the_marks() -> None:
    chunk = months(0)[0][0].chunk
    written = [month_marks(month, talents(chunk)) for month in months(0)[0]]
    mean = means(chunk, written)
    pupil, subject = next(zip(*np.nonzero(~np.isnan(mean)), strict=True))
    own = [(m.value[i], 2 if m.kind[i] < 2 else 1) for m in written
           for i in np.flatnonzero((m.pupil == pupil) & (m.subject == subject) & ~np.isnan(m.value))]  # fmt: skip
    assert mean[pupil, subject] == pytest.approx(sum(v * w for v, w in own) / sum(w for _, w in own))
