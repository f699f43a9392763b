-- Grain: one row per login, role, organisation and start.
-- A role ends on valid_to: access ends that day. Who stands in for somebody has the role while that person has it.
select
    login,
    role,
    organisation,
    valid_from,
    valid_to,
    delegated_by
from raw.role_assignment
order by login, role, organisation, valid_from
