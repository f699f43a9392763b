-- Grain: one row per delivering source, school (* = all), code and validity start.
-- A source's own meaning stands before the common one (*), so the same letter may mean different things.
with delivering as (
    select distinct delivery.source
    from raw.delivery
    where delivery.dataset = 'attendance'
),

ranked as (
    select
        delivering.source,
        attendance_code.school_reg_no,
        attendance_code.code,
        attendance_code.valid_from,
        coalesce(attendance_code.valid_to, date '9999-12-31') as valid_to,
        attendance_code.meaning,
        row_number() over (
            partition by
                delivering.source, attendance_code.school_reg_no, attendance_code.code, attendance_code.valid_from
            order by case when attendance_code.source = '*' then 1 else 0 end
        ) as precedence
    from raw.attendance_code
    inner join delivering
        on attendance_code.source = '*' or attendance_code.source = delivering.source
)

select
    source,
    school_reg_no,
    code,
    valid_from,
    valid_to,
    meaning
from ranked
where precedence = 1
order by source, school_reg_no, code, valid_from
