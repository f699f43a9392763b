"""The task's 63 features as a renaming of the product's measures; rates are the product's counts over lessons held."""

WINDOWS = {"w2": "2w", "w4": "4w", "w12": "12w", "ytd": "year"}
REASONS = {
    "n": "lessons_missed_unexcused",
    "ns": "lessons_missed_ill",
    "nc": "lessons_missed_other",
    "k": "lessons_late",
}
MARKS = {
    "c": "marks", "f": "marks_below_4", "avg": "mark_mean", "mn": "mark_lowest", "mx": "mark_highest",
    "sd": "mark_spread",
}  # fmt: skip


def _columns() -> list[str]:
    columns = []
    for short, window in WINDOWS.items():
        held = f"lessons_held_{window}"
        columns.append(f"attendance.{held}::float as l_{short}")
        for letter, reason in REASONS.items():
            count = f"attendance.{reason}_{window}::float"
            columns += [f"{count} as {letter}_{short}", f"{count} / nullif({held}, 0) as {letter}r_{short}"]
        columns += [f"mark.{name}_{window}::float as {letter}_{short}" for letter, name in MARKS.items()]
    return columns


FEATURES = f"""
select
    upper(left(cohort.pupil_key, 8)) as pupil_id,
    cohort.as_of,
    case when cohort.as_of < date '2025-09-01' then 'train' else 'test' end as split,
    outcome.left_early::utinyint as label,
    -- The task's grade rises on 1 September; the product's register says it anew each year.
    least(
        cohort.grade + year(cohort.as_of - interval 8 month) - year(cohort.entry_date - interval 8 month), 12
    )::int as grade,
    (pupil.sex = 'M')::int as sex_m,
    ((cohort.as_of - pupil.birth_date) / 365.25)::float as age,
    {", ".join(_columns())}
from risk.pupil_week_cohort as cohort
join core.pupil on cohort.pupil_key = pupil.pupil_key
join risk.pupil_week_outcome as outcome on cohort.pupil_key = outcome.pupil_key and cohort.as_of = outcome.as_of
join risk.pupil_week_attendance_window as attendance
    on cohort.pupil_key = attendance.pupil_key and cohort.as_of = attendance.as_of
join risk.pupil_week_mark_window as mark on cohort.pupil_key = mark.pupil_key and cohort.as_of = mark.as_of
"""
