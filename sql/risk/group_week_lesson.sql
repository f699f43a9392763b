-- Grain: one row per as-of day, municipality and kind of school.
-- Raw sums of the last four weeks: they leave only as protected shares. A pupil of whom a missed lesson is known, but not
-- whether it was one of those held, is left out: a share of nothing known would be too high.
with summed as (
    select
        placed.as_of,
        placed.atvk_code,
        placed.school_kind,
        coalesce(lesson.lessons_held_4w, 0) as lessons_held,
        coalesce(lesson.lessons_missed_ill_4w, 0) as lessons_missed_ill,
        coalesce(lesson.lessons_missed_other_4w, 0) as lessons_missed_other,
        coalesce(lesson.lessons_missed_unexcused_4w, 0) as lessons_missed_unexcused,
        lesson.lessons_held_4w > 0 and lesson.lessons_missed_4w
        = lesson.lessons_missed_ill_4w + lesson.lessons_missed_other_4w + lesson.lessons_missed_unexcused_4w as is_known
    from risk.pupil_week_group as placed
    left join risk.pupil_week_attendance_window as lesson
        on placed.pupil_key = lesson.pupil_key and placed.as_of = lesson.as_of
)

select
    as_of,
    atvk_code,
    school_kind,
    count(*) as pupils,
    count(case when is_known then 1 end) as pupils_with_lessons,
    sum(case when is_known then lessons_held else 0 end) as lessons_held,
    max(case when is_known then lessons_held else 0 end) as most_lessons_held,
    sum(case when is_known then lessons_missed_ill else 0 end) as lessons_missed_ill,
    sum(case when is_known then lessons_missed_other else 0 end) as lessons_missed_other,
    sum(case when is_known then lessons_missed_unexcused else 0 end) as lessons_missed_unexcused
from summed
group by as_of, atvk_code, school_kind
