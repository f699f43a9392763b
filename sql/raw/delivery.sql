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
    nullif(intake.note, '') as note,
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
order by intake.delivered_on, intake.delivery_id, intake.dataset
