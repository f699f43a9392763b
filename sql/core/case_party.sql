-- Grain: one row per delivering source, case and party.
-- Another party may tell of a school's case: case_source is whose case it is, if only one source has a case of that code.
with owner as (
    select
        case_id,
        min(source) as source
    from core.support_case
    group by case_id
    having count(distinct source) = 1
)

select
    party.source,
    party.case_id,
    party.party,
    party.since_on,
    party.until_on,
    coalesce(own.source, owner.source) as case_source
from raw.case_party as party
left join core.support_case as own on party.source = own.source and party.case_id = own.case_id
left join owner on party.case_id = owner.case_id
order by party.source, party.case_id, party.party
