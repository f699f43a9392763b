"""Whatever the door lets in as a mark, the query can read: the two state the forms in different words."""

import duckdb
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from assets.queries import query_of
from data_contracts.contract import load
from data_contracts.rules import row_rules

PATTERN = load("raw.mark").column("mark_text").pattern or ""


# A failing list says enough by itself: shrinking it would take minutes.
@settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.lists(st.from_regex(PATTERN, fullmatch=True), min_size=40, max_size=60, unique=True))
def test_every_accepted_text_is_read_within_its_kind(texts: list[str]):
    door = " and ".join(
        f"coalesce({rule.holds}, true)" for rule in row_rules(load("raw.mark")) if "mark_text" in rule.holds
    )
    with duckdb.connect() as connection:
        connection.execute("create schema raw; create table raw.mark (mark_text varchar)")
        connection.executemany("insert into raw.mark values (trim(?))", [[text] for text in texts])
        connection.execute(f"delete from raw.mark where not ({door})")
        connection.execute("create schema core; create view core.mark_text as select distinct mark_text from raw.mark")
        connection.execute("create table core.period_mark_text (mark_text varchar)")
        read = connection.execute(
            f"select mark_text, mark_kind, mark_value from ({query_of('core.mark_form')})"
        ).fetchall()
    for text, kind, value in read:
        assert (value is None) == (kind in ("nv", "exempt", "absent")), text
        assert kind != "points10" or 1 <= value <= 10, text
        assert value is None or 0 <= value <= 1000, text
