-- Grain: one row per municipality, topic and day of decision.
select
    atvk_code,
    topic,
    decided_on,
    is_chosen,
    decided_by,
    reason
from raw.topic_choice
order by atvk_code, topic, decided_on
