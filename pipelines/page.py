"""What every generated page is made with: templates, cells, headings, the rows of a query."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

ROOT = Path(__file__).parent.parent
REFERENCE = "docs/reference"


def cell(value: object) -> str:
    """Write a value so that it stays in its table cell."""
    return str(value).replace("|", "\\|").replace("\n", " ")


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "docs" / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = cell
    return environment


def render(template: str, **values: Any) -> str:
    """Fill a template of docs/templates."""
    return _templates().get_template(template).render(**values)


def deeper(text: str) -> str:
    """Move every heading of a Markdown text one level down."""
    return re.sub(r"^(?=#+ )", "#", text, flags=re.MULTILINE)


def rows(key: str) -> list[dict[str, Any]]:
    """Run a query that reads no table; return its rows by column name."""
    import duckdb

    from assets.queries import query_of

    with duckdb.connect() as connection:
        result = connection.execute(query_of(key))
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
