-- Grain: one row per month and school.
-- Raw counts: they leave only through the disclosure code. Where of nobody enough is known, the count is empty, not 0.
with school as (
    -- Of a day before the register knew the school, its first entry is the best we know.
    select
        institution.school_reg_no,
        as_of_date.as_of,
        coalesce(
            max_by(institution.name, case when institution.valid_from <= as_of_date.as_of then institution.valid_from end),
            min_by(institution.name, institution.valid_from)
        ) as name
    from core.institution
    cross join risk.as_of_date
    where as_of_date.is_month_close
    group by institution.school_reg_no, as_of_date.as_of
)

select
    as_of_date.month as period,
    as_of_date.as_of,
    counted.school_reg_no,
    max(school.name) as name,
    counted.atvk_code,
    counted.school_kind as kind,
    sum(counted.pupils) as pupils,
    case when sum(counted.pupils_known) > 0 then sum(counted.pupils_at_risk) end as pupils_at_risk
from risk.group_week_count as counted
inner join risk.as_of_date on counted.as_of = as_of_date.as_of and as_of_date.is_month_close
left join school on counted.school_reg_no = school.school_reg_no and counted.as_of = school.as_of
group by as_of_date.month, as_of_date.as_of, counted.atvk_code, counted.school_kind, counted.school_reg_no
order by as_of_date.month, as_of_date.as_of, counted.school_reg_no
