-- Grain: one row per pupil, school and entry date; both codes of a pupil whose code changed are one pupil.
-- exit_date is the first day on which the pupil no longer belongs; the meaning of a status is data, per source.
with meaning as (
    select
        exit_status_code.source,
        exit_status_code.exit_status,
        exit_status_code.meaning,
        exit_status_code.valid_from,
        coalesce(exit_status_code.valid_to, date '9999-12-31') as valid_to
    from raw.exit_status_code
),

ranked as (
    select
        coalesce(identity.standing_pupil_key, enrolment.pupil_key) as pupil_key,
        enrolment.school_reg_no,
        enrolment.entry_date,
        enrolment.grade,
        enrolment.class_label,
        enrolment.exit_date,
        enrolment.exit_status,
        meaning.meaning as exit_meaning,
        row_number() over (
            partition by enrolment.pupil_key, enrolment.school_reg_no, enrolment.entry_date
            order by case when meaning.source = enrolment.source then 0 else 1 end, meaning.valid_from desc
        ) as precedence
    from raw.enrolment
    left join core.pupil_identity as identity on enrolment.pupil_key = identity.pupil_key
    left join meaning
        on
            enrolment.exit_status = meaning.exit_status
            and (meaning.source = '*' or meaning.source = enrolment.source)
            and coalesce(enrolment.exit_date, enrolment.entry_date) between meaning.valid_from and meaning.valid_to
)

select
    pupil_key,
    school_reg_no,
    entry_date,
    grade,
    class_label,
    exit_date,
    exit_status,
    exit_meaning
from ranked
where precedence = 1
order by pupil_key, entry_date, school_reg_no
