-- Grain: one row per pupil key that no longer stands.
-- A chain of changes ends in the newest code. Where changes lead back to where they began, the one of the latest day
-- counts as the last, and is_circular tells that the sender should be asked.
with recursive walk as (
    select
        former_pupil_key as pupil_key,
        pupil_key as reached_key
    from raw.person_code_change
    union
    select
        walk.pupil_key,
        onward.pupil_key as reached_key
    from walk
    inner join raw.person_code_change as onward on walk.reached_key = onward.former_pupil_key
),

circle as (
    select
        walk.pupil_key,
        max(change.changed_on) as changed_on
    from walk
    inner join raw.person_code_change as change on walk.pupil_key = change.pupil_key
    inner join walk as former on change.former_pupil_key = former.pupil_key and former.pupil_key = former.reached_key
    where walk.pupil_key = walk.reached_key
    group by walk.pupil_key
),

ending as (
    select
        walk.pupil_key,
        walk.reached_key,
        circle.pupil_key is not null as is_circular,
        row_number() over (
            partition by walk.pupil_key order by circle.changed_on desc, walk.reached_key desc
        ) as precedence
    from walk
    left join raw.person_code_change as onward on walk.reached_key = onward.former_pupil_key
    left join circle on walk.reached_key = circle.pupil_key
    where onward.former_pupil_key is null or circle.pupil_key is not null
)

select
    pupil_key,
    reached_key as standing_pupil_key,
    is_circular
from ending
where precedence = 1 and pupil_key <> reached_key
order by pupil_key
