-- Grain: one row per school, week from its Monday, and dataset of lessons and marks.
-- What was recorded beside what is expected. days_after counts from the week's Sunday to the first delivery that told of
-- it, whatever replaced that later. For attendance a pupil is recorded by a roll or by the lessons of the class.
with recorded as (
    select
        dataset,
        school_reg_no,
        date_trunc('week', day)::date as week_starts_on,
        sum(rows_recorded) as rows_recorded,
        count(*) as days_recorded,
        bool_or(is_roll) as is_roll
    from core.school_day_record
    group by dataset, school_reg_no, date_trunc('week', day)::date
),

pupil_recorded as (
    select
        dataset,
        school_reg_no,
        week_starts_on,
        count(*) as pupils_recorded
    from core.pupil_week_record
    group by dataset, school_reg_no, week_starts_on
),

place as (
    select
        expected.school_reg_no,
        expected.week_starts_on,
        dataset.dataset
    from core.school_week as expected
    cross join (values ('attendance'), ('lesson'), ('mark')) as dataset (dataset)
    union
    select
        school_reg_no,
        week_starts_on,
        dataset
    from recorded
)

select
    place.school_reg_no,
    place.week_starts_on,
    place.dataset,
    expected.school_days,
    coalesce(recorded.days_recorded, 0) as days_recorded,
    coalesce(recorded.rows_recorded, 0) as rows_recorded,
    coalesce(expected.pupils_enrolled, 0) as pupils_enrolled,
    coalesce(expected.pupils_expected, 0) as pupils_expected,
    coalesce(expected.pupil_days, 0) as pupil_days,
    case when place.dataset <> 'lesson' then coalesce(pupil_recorded.pupils_recorded, 0) end as pupils_recorded,
    recorded.is_roll,
    week_told.first_known_from,
    week_told.first_known_from - (place.week_starts_on + 6) as days_after
from place
left join core.school_week as expected
    on place.school_reg_no = expected.school_reg_no and place.week_starts_on = expected.week_starts_on
left join recorded
    on
        place.school_reg_no = recorded.school_reg_no
        and place.week_starts_on = recorded.week_starts_on
        and place.dataset = recorded.dataset
left join pupil_recorded
    on
        place.school_reg_no = pupil_recorded.school_reg_no
        and place.week_starts_on = pupil_recorded.week_starts_on
        and place.dataset = pupil_recorded.dataset
left join raw.week_told
    on
        place.school_reg_no = week_told.school_reg_no
        and place.week_starts_on = week_told.week_starts_on
        and place.dataset = week_told.dataset
