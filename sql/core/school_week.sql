-- Grain: one row per school with pupils and week from its Monday, for each week of a calendar or with a record.
-- A pupil belongs to a week by its Friday, in one grade. school_days is empty where the school has no calendar for the
-- week: that is not a week without school.
with belonging as (
    select
        school_reg_no,
        coalesce(grade, 1) as grade,
        entry_date,
        least(
            exit_date, lead(entry_date) over (partition by pupil_key, school_reg_no order by entry_date)
        ) as ends_on
    from core.enrolment
),

change as (
    select
        school_reg_no,
        grade,
        date_trunc('week', entry_date + 2)::date as week_starts_on,
        count(*) as pupils
    from belonging
    group by school_reg_no, grade, date_trunc('week', entry_date + 2)::date
    union all
    select
        school_reg_no,
        grade,
        date_trunc('week', ends_on + 2)::date as week_starts_on,
        -count(*) as pupils
    from belonging
    where ends_on is not null
    group by school_reg_no, grade, date_trunc('week', ends_on + 2)::date
),

week as (
    select date_trunc('week', day)::date as week_starts_on from core.school_day
    union
    select week_starts_on from raw.week_told
),

moved as (
    select
        school_reg_no,
        grade,
        week_starts_on,
        pupils,
        false as is_week
    from change
    union all
    select
        grades.school_reg_no,
        grades.grade,
        week.week_starts_on,
        0 as pupils,
        true as is_week
    from (
        select distinct
            school_reg_no,
            grade
        from change
    ) as grades
    cross join week
),

enrolled as (
    select
        school_reg_no,
        grade,
        week_starts_on,
        is_week,
        sum(pupils) over (partition by school_reg_no, grade order by week_starts_on) as pupils
    from moved
),

calendar as (
    select
        school_reg_no,
        grade,
        date_trunc('week', day)::date as week_starts_on,
        count(case when kind = 'school_day' then 1 end) as school_days
    from core.school_day
    group by school_reg_no, grade, date_trunc('week', day)::date
)

select
    enrolled.school_reg_no,
    enrolled.week_starts_on,
    max(calendar.school_days) as school_days,
    sum(enrolled.pupils) as pupils_enrolled,
    sum(case when calendar.school_days > 0 then enrolled.pupils else 0 end) as pupils_expected,
    sum(enrolled.pupils * coalesce(calendar.school_days, 0)) as pupil_days
from enrolled
left join calendar
    on
        enrolled.school_reg_no = calendar.school_reg_no
        and enrolled.grade = calendar.grade
        and enrolled.week_starts_on = calendar.week_starts_on
where enrolled.is_week and enrolled.pupils > 0
group by enrolled.school_reg_no, enrolled.week_starts_on
