"""Fill templates."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).with_name("templates")


@cache
def templates() -> Environment:
    """Load the templates; an unknown name in one is an error, and every value is escaped."""
    loader = FileSystemLoader(TEMPLATES)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def style() -> str:
    """Return the style sheet that each page carries, so that one file can be mailed."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


def render(template: str, *values: dict[str, Any], **more: Any) -> str:
    """Fill a template."""
    return templates().get_template(template).render(*values, **more)
