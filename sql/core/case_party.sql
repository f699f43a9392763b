-- Grain: one row per delivering source, case and party.
select
    source,
    case_id,
    party,
    since_on,
    until_on
from raw.case_party
order by source, case_id, party
