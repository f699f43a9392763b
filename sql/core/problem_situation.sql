-- Grain: one row per delivering source and situation that a team noticed: theme and sphere, never a pupil.
select
    source,
    situation_id,
    atvk_code,
    school_reg_no,
    noted_on,
    sphere,
    theme,
    evidence,
    closed_on
from raw.problem_situation
order by source, situation_id
