-- Grain: one row per as-of day, school, grade and sex.
-- Raw counts, of which the publications are sums: counted once a day, and not over all months again each week. They leave
-- only through the disclosure code. Of whom nothing is known no indicator counts: where that is everybody, it is empty.
with verdict as (
    select
        pupil_key,
        as_of,
        bool_or(case when indicator = 'unexcused_10' then is_raised end) as unexcused_10,
        bool_or(case when indicator = 'unexcused_15' then is_raised end) as unexcused_15,
        bool_or(case when indicator = 'unexcused_over_20' then is_raised end) as unexcused_over_20,
        bool_or(case when indicator = 'absence_4w' then is_raised end) as absence_4w,
        bool_or(case when indicator = 'absence_rise' then is_raised end) as absence_rise,
        bool_or(case when indicator = 'chronic_absence' then is_raised end) as chronic_absence,
        bool_or(case when indicator = 'subjects_below_4' then is_raised end) as subjects_below_4,
        bool_or(case when indicator = 'open_nv' then is_raised end) as open_nv,
        bool_or(case when indicator = 'mark_fall' then is_raised end) as mark_fall,
        bool_or(case when indicator = 'over_age' then is_raised end) as over_age,
        bool_or(case when indicator = 'repeating' then is_raised end) as repeating,
        bool_or(case when indicator = 'school_change' then is_raised end) as school_change
    from risk.pupil_week_indicator
    where not coalesce(is_no_data, false)
    group by pupil_key, as_of
),

school as (
    -- Of a day before the register knew the school, its first entry is the best we know.
    select
        institution.school_reg_no,
        as_of_date.as_of,
        coalesce(
            max_by(institution.name, case when institution.valid_from <= as_of_date.as_of then institution.valid_from end),
            min_by(institution.name, institution.valid_from)
        ) as school_name
    from core.institution
    cross join risk.as_of_date
    group by institution.school_reg_no, as_of_date.as_of
)

select
    placed.as_of,
    placed.atvk_code,
    placed.school_kind,
    placed.school_reg_no,
    max(school.school_name) as school_name,
    placed.grade,
    placed.band,
    placed.sex,
    count(*) as pupils,
    count(case when summary.is_at_risk then 1 end) as pupils_at_risk,
    count(case when summary.is_at_risk or not coalesce(summary.is_no_data, false) then 1 end) as pupils_known,
    sum(verdict.unexcused_10::integer) as pupils_raised_unexcused_10,
    sum(verdict.unexcused_15::integer) as pupils_raised_unexcused_15,
    sum(verdict.unexcused_over_20::integer) as pupils_raised_unexcused_over_20,
    sum(verdict.absence_4w::integer) as pupils_raised_absence_4w,
    sum(verdict.absence_rise::integer) as pupils_raised_absence_rise,
    sum(verdict.chronic_absence::integer) as pupils_raised_chronic_absence,
    sum(verdict.subjects_below_4::integer) as pupils_raised_subjects_below_4,
    sum(verdict.open_nv::integer) as pupils_raised_open_nv,
    sum(verdict.mark_fall::integer) as pupils_raised_mark_fall,
    sum(verdict.over_age::integer) as pupils_raised_over_age,
    sum(verdict.repeating::integer) as pupils_raised_repeating,
    sum(verdict.school_change::integer) as pupils_raised_school_change
from risk.pupil_week_group as placed
inner join risk.pupil_week_summary as summary on placed.pupil_key = summary.pupil_key and placed.as_of = summary.as_of
left join school on placed.school_reg_no = school.school_reg_no and placed.as_of = school.as_of
left join verdict on placed.pupil_key = verdict.pupil_key and placed.as_of = verdict.as_of
group by
    placed.as_of, placed.atvk_code, placed.school_kind, placed.school_reg_no, placed.grade, placed.band, placed.sex
