-- Grain: one row per login, role, organisation and start.
-- A role ends on valid_to: access ends that day.
select
    login,
    role,
    organisation,
    valid_from,
    valid_to
from raw.role_assignment
order by login, role, organisation, valid_from
