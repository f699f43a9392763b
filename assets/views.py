"""What queries read of the lake: the rows that stand on a day, all versions known by it, one pupil for two codes."""

from datetime import date

import duckdb

from assets.history import expose_history
from assets.home import Home
from assets.lake import expose_all
from assets.person_codes import merge_codes


def stand_on(connection: duckdb.DuckDBPyConnection, home: Home, known_on: date) -> None:
    """Let every raw and history view stand on the same day."""
    expose_all(connection, home, known_on)
    expose_history(connection, home, known_on)
    merge_codes(connection, home, known_on)
