-- Grain: one row per delivering source, school (* = all), code and validity start.
-- While a source's own meaning is valid it stands before the common one (*): the same letter may mean different things.
with delivering as (
    select distinct delivery.source
    from raw.delivery
    where delivery.dataset = 'attendance'
),

told as (
    select
        delivering.source,
        attendance_code.school_reg_no,
        attendance_code.code,
        attendance_code.valid_from,
        coalesce(attendance_code.valid_to, date '9999-12-31') as valid_to,
        attendance_code.meaning,
        attendance_code.source <> '*' as is_own
    from raw.attendance_code
    inner join delivering
        on attendance_code.source = '*' or attendance_code.source = delivering.source
),

boundary as (
    select
        source,
        school_reg_no,
        code,
        valid_from
    from told
    union
    select
        source,
        school_reg_no,
        code,
        valid_to + 1 as valid_from
    from told
    where valid_to < date '9999-12-31'
),

span as (
    select
        source,
        school_reg_no,
        code,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by source, school_reg_no, code order by valid_from) - 1, date '9999-12-31'
        ) as valid_to
    from boundary
),

ranked as (
    select
        span.source,
        span.school_reg_no,
        span.code,
        span.valid_from,
        span.valid_to,
        told.meaning,
        row_number() over (
            partition by span.source, span.school_reg_no, span.code, span.valid_from
            order by told.is_own desc, told.valid_from desc
        ) as precedence
    from span
    inner join told
        on
            span.source = told.source
            and span.school_reg_no = told.school_reg_no
            and span.code = told.code
            and span.valid_from between told.valid_from and told.valid_to
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
