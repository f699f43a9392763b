-- Grain: one row per delivery and dataset.
-- A row that a later delivery replaced counts as superseded in its own delivery, so old ledger rows change with time;
-- so does a row that waited until a later delivery corrected it.
with replaced as (
    select
        lake_part.delivery_id,
        lake_part.dataset,
        count(*) as replaced_rows
    from raw.superseded
    inner join raw.lake_part on superseded.part_no = lake_part.part_no
    group by lake_part.delivery_id, lake_part.dataset
),

corrected as (
    select
        delivery_id,
        dataset,
        sum(rows)::bigint as corrected_rows
    from raw.cleared
    group by delivery_id, dataset
),

-- What says the same as an earlier delivery is no new statement, though later ones may have replaced that meanwhile.
overtaken as (
    select
        again.delivery_id,
        again.dataset,
        count(*) as overtaken_rows
    from raw.intake as again
    inner join raw.intake as first_told
        on
            again.source = first_told.source
            and again.dataset = first_told.dataset
            and again.content_sha256 = first_told.content_sha256
            and again.meaning = first_told.meaning
            and first_told.status not in ('duplicate', 'refused')
    inner join raw.lake_part
        on
            first_told.delivery_id = lake_part.delivery_id
            and first_told.dataset = lake_part.dataset
    inner join raw.superseded on lake_part.part_no = superseded.part_no
    where
        again.status = 'duplicate'
        and left(superseded.ended_by, 15) <= strftime(again.delivered_on at time zone 'UTC', '%Y%m%dT%H%M%S')
    group by again.delivery_id, again.dataset
)

select
    intake.delivery_id,
    intake.source,
    intake.dataset,
    intake.delivered_on,
    intake.content_sha256,
    intake.rows_delivered,
    intake.rows_stored - coalesce(replaced.replaced_rows, 0) as rows_accepted,
    intake.rows_quarantined - coalesce(corrected.corrected_rows, 0) as rows_quarantined,
    intake.rows_repeated + coalesce(replaced.replaced_rows, 0) + coalesce(corrected.corrected_rows, 0)
        as rows_superseded,
    intake.rows_withdrawn,
    case
        when intake.status in ('partly accepted', 'quarantined') and intake.rows_quarantined = corrected.corrected_rows
            then 'accepted'
        else intake.status
    end as status,
    nullif(intake.note, '') || coalesce(
        '; later deliveries replaced ' || overtaken.overtaken_rows || ' row(s) of that, and stand; to go back to what'
        || ' it said, deliver it with `corrects: [folder of the later one]`', ''
    ) as note,
    intake.file_name,
    nullif(intake.detected, '') as detected,
    intake.mode,
    intake.shape
from raw.intake
left join replaced
    on
        intake.delivery_id = replaced.delivery_id
        and intake.dataset = replaced.dataset
left join corrected
    on
        intake.delivery_id = corrected.delivery_id
        and intake.dataset = corrected.dataset
left join overtaken
    on
        intake.delivery_id = overtaken.delivery_id
        and intake.dataset = overtaken.dataset
order by intake.delivered_on, intake.delivery_id, intake.dataset
