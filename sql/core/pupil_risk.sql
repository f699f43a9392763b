-- Grain: one row per pupil, school, risk and day identified; both codes of a pupil whose code changed are one pupil.
-- Told twice of one pupil by two codes, the row that was told of the standing code counts.
select
    coalesce(identity.standing_pupil_key, pupil_risk.pupil_key) as pupil_key,
    pupil_risk.school_reg_no,
    pupil_risk.risk_code,
    pupil_risk.identified_on,
    pupil_risk.risk_group,
    pupil_risk.identified_by,
    pupil_risk.basis,
    pupil_risk.ended_on
from raw.pupil_risk
left join core.pupil_identity as identity on pupil_risk.pupil_key = identity.pupil_key
qualify
    row_number() over (
        partition by
            coalesce(identity.standing_pupil_key, pupil_risk.pupil_key),
            pupil_risk.school_reg_no,
            pupil_risk.risk_code,
            pupil_risk.identified_on
        order by case when identity.pupil_key is null then 0 else 1 end, pupil_risk.pupil_key
    ) = 1
order by pupil_key, school_reg_no, risk_code, identified_on
