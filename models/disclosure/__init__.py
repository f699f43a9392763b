"""Door one: counts of groups become publishable, or are refused. See docs/methods/disclosure.md."""

from models.disclosure.attack import attack, summary
from models.disclosure.parameters import DisclosureParameters, DisclosureRefused
from models.disclosure.protected import Protected
from models.disclosure.protection import protect
from models.disclosure.table import CountTable, count_columns

__all__ = [
    "CountTable",
    "DisclosureParameters",
    "DisclosureRefused",
    "Protected",
    "attack",
    "count_columns",
    "protect",
    "summary",
]
