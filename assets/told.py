"""When a school's weeks were first told of: the day on which the first delivery with a record of them was known.

The rows themselves do not say it, for a correction takes their place. Each part of the lake is looked at once.
"""

from datetime import date

import duckdb

from assets.home import Home
from assets.lake import date_column
from assets.manifest import verify
from assets.parts import scan
from data_contracts.contract import load

DATASETS = ("attendance", "lesson", "mark")
_TABLE = """
    create table if not exists raw.part_week
        (part_no integer, sha256 varchar, dataset varchar, school_reg_no varchar, week_starts_on date)
"""
_GONE = """
    delete from raw.part_week where not exists (select 1 from raw.lake_part as part
        where part.part_no = part_week.part_no and part.sha256 = part_week.sha256)
"""
_NEW = """
    select path, sha256 from raw.lake_part as part where dataset = $dataset and not is_withdrawal and rows > 0
        and part_no not in (select part_no from raw.part_week) order by part_no
"""
_VIEW = """
    create or replace view raw.week_told as
    select part_week.dataset, school_reg_no, week_starts_on, min(known_from) as first_known_from
    from raw.part_week join raw.lake_part using (part_no) where known_from <= date '{}'
    group by part_week.dataset, school_reg_no, week_starts_on
"""
# What delivered rows are read from: parts, and how many and which of their rows no longer stand. A table, for every
# table made of delivered rows asks for it, and a country has millions of rows that no longer stand.
_PARTS = """
    create or replace table raw.known_part as
    with gone as (
        select part_no, count(*) as rows, sum(hash(row_no)::hugeint) as said
        from (
            select part_no, row_no from raw.superseded where known_to <= date '{0}'
            union all
            select part_no, row_no from raw.merged
            anti join (select part_no, row_no from raw.superseded where known_to <= date '{0}') using (part_no, row_no)
        ) as every
        group by part_no
    )
    select part_no, dataset, hash(part_no, sha256, coalesce(gone.rows, 0), coalesce(gone.said, 0))::hugeint as content
    from raw.lake_part left join gone using (part_no) where known_from <= date '{0}'
"""
_WEEKS = """
    create or replace view raw.week_content as
    select told.dataset, week_starts_on, sum(content)::varchar as content
    from (select distinct part_no, dataset, week_starts_on from raw.part_week) as told
    join raw.known_part using (part_no)
    group by told.dataset, week_starts_on
"""
_DATASETS = """
    create or replace view raw.dataset_content as
    select dataset, sum(content)::varchar as content from raw.known_part group by dataset
"""


def tell_weeks(connection: duckdb.DuckDBPyConnection, home: Home, known_on: date) -> None:
    """Make the views raw.week_told and raw.week_content: weeks told of, and by what, as known on a date."""
    connection.execute(_TABLE)
    connection.execute(_GONE)
    for dataset in DATASETS:
        _look_at(connection, home, dataset)
    connection.execute(_VIEW.format(known_on))
    for view in (_PARTS, _WEEKS, _DATASETS):
        connection.execute(view.format(known_on))


def _look_at(connection: duckdb.DuckDBPyConnection, home: Home, dataset: str) -> None:
    parts = connection.execute(_NEW, {"dataset": dataset}).fetchall()
    if not parts:
        return
    verify(home, parts)
    week = f"date_trunc('week', {date_column(load(f'raw.{dataset}'))})::date"
    connection.execute(
        f"insert into raw.part_week select told.part_no, lake_part.sha256, $dataset, school_reg_no, week from (select"
        f" distinct part_no, school_reg_no, {week} as week from {scan(home, [path for path, _ in parts])}) as told"
        " join raw.lake_part using (part_no) order by told.part_no, school_reg_no, week",
        {"dataset": dataset},
    )
