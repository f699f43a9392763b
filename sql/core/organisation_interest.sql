-- Grain: one row per delivering source and expression of interest.
-- Nobody is taken for a partner: an organisation is one from partner_since on.
select
    source,
    interest_id,
    organisation,
    organisation_kind,
    atvk_code,
    programme,
    interested_on,
    interest,
    followed_up_on,
    partner_since,
    followed_up_on - interested_on as days_to_follow_up
from raw.organisation_interest
order by source, interest_id
