-- Grain: one row per pupil enrolled on an as-of day.
-- Who leaves after the day is in: dropping later leavers would hide the very pupils the list is for.
with belonging as (
    select
        enrolment.pupil_key,
        as_of_date.as_of,
        as_of_date.week_no,
        enrolment.school_reg_no,
        enrolment.grade,
        enrolment.class_label,
        enrolment.entry_date,
        row_number() over (
            partition by enrolment.pupil_key, as_of_date.as_of
            order by enrolment.entry_date desc, enrolment.school_reg_no
        ) as precedence
    from core.enrolment
    inner join risk.as_of_date
        on
            enrolment.entry_date <= as_of_date.as_of
            and (enrolment.exit_date is null or enrolment.exit_date > as_of_date.as_of)
),

school as (
    -- Of a day before the register knew the school, its first entry is the best we know: its pupils were there.
    select
        institution.school_reg_no,
        as_of_date.as_of,
        coalesce(
            max_by(institution.atvk_code, case when institution.valid_from <= as_of_date.as_of then institution.valid_from end),
            min_by(institution.atvk_code, institution.valid_from)
        ) as atvk_code,
        coalesce(
            max_by(institution.kind, case when institution.valid_from <= as_of_date.as_of then institution.valid_from end),
            min_by(institution.kind, institution.valid_from)
        ) as school_kind
    from core.institution
    cross join risk.as_of_date
    group by institution.school_reg_no, as_of_date.as_of
),

semester as (
    select
        school_semester.school_reg_no,
        as_of_date.as_of,
        max(school_semester.starts_on) as semester_starts_on,
        max_by(school_semester.year_starts_on, school_semester.starts_on) as year_starts_on,
        max(school_semester.previous_starts_on) as previous_starts_on
    from core.school_semester
    inner join risk.as_of_date on school_semester.starts_on <= as_of_date.as_of
    group by school_semester.school_reg_no, as_of_date.as_of
),

entered as (
    select distinct
        school_reg_no,
        coalesce(grade, 1) as grade,
        entry_date,
        as_of
    from belonging
    where precedence = 1
),

school_days as (
    select
        entered.school_reg_no,
        entered.grade,
        entered.entry_date,
        entered.as_of,
        count(*) as school_days_4w
    from entered
    inner join core.school_day
        on
            entered.school_reg_no = school_day.school_reg_no
            and entered.grade = school_day.grade
            and school_day.day >= greatest(entered.as_of - 28, entered.entry_date)
            and school_day.day < entered.as_of
    where school_day.kind = 'school_day'
    group by entered.school_reg_no, entered.grade, entered.entry_date, entered.as_of
)

select
    belonging.pupil_key,
    belonging.as_of,
    belonging.school_reg_no,
    school.atvk_code,
    school.school_kind,
    belonging.grade,
    belonging.class_label,
    belonging.entry_date,
    belonging.week_no,
    semester.semester_starts_on,
    semester.year_starts_on,
    semester.previous_starts_on,
    coalesce(school_days.school_days_4w, 0) as school_days_4w
from belonging
inner join school on belonging.school_reg_no = school.school_reg_no and belonging.as_of = school.as_of
left join semester on belonging.school_reg_no = semester.school_reg_no and belonging.as_of = semester.as_of
left join school_days
    on
        belonging.school_reg_no = school_days.school_reg_no
        and belonging.as_of = school_days.as_of
        and belonging.entry_date = school_days.entry_date
        and coalesce(belonging.grade, 1) = school_days.grade
where belonging.precedence = 1
order by belonging.as_of, belonging.pupil_key
