"""What did we know when: every version of every accepted row, with the interval in which it was known.

Beside the view raw.<dataset> of the rows that stand there is a view history.<dataset> of all that ever stood.
"""

from datetime import date

import duckdb

from assets.home import Home
from assets.lake import ABOUT, EVER, empty, paths_known
from assets.parts import scan
from data_contracts.contract import Contract, delivered, load
from data_contracts.intake import accepted

HISTORY = ABOUT | {"known_to": "date", "ended_by": "varchar"}


def expose_history(connection: duckdb.DuckDBPyConnection, home: Home, known_on: date) -> None:
    """Make history.<dataset> the view of all versions known by a day; known_to is empty while a version stands."""
    connection.execute("create schema if not exists history")
    for key in delivered():
        contract = accepted(load(key))
        clock = EVER if contract.setting("isAlwaysNewest") else known_on
        view = _view(connection, home, contract, clock)
        connection.execute(f"create or replace view history.{contract.name} as {view}")


def _view(connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract, known_on: date) -> str:
    """Write the query: known_to is the first day on which the version no longer stood, ended_by what ended it."""
    paths = paths_known(connection, contract.name, known_on, "not is_withdrawal")
    if not paths:
        told = ", ".join(f"null::{kind} as {name}" for name, kind in HISTORY.items())
        return f"select none.*, {told} from ({empty(contract)}) as none"
    columns = ", ".join([*(f"part.{n}" for n in contract.column_names), *(f"lake_part.{n}" for n in ABOUT)])
    # A version's text is the moment of its delivery, a blank, and the delivery's name.
    return (
        f"select {columns}, gone.known_to, split_part(gone.ended_by, ' ', 2) as ended_by"
        f" from {scan(home, paths)} as part"
        f" join raw.lake_part on lake_part.part_no = part.part_no"
        f" left join (from raw.superseded where known_to <= date '{known_on}') as gone"
        f" on gone.part_no = part.part_no and gone.row_no = part.file_row_number"
    )
