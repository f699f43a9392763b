"""Door one: counts of groups become publishable, or are refused. See docs/methods/disclosure.md."""

from models.disclosure.attack import as_insider, attack, excluding, summary
from models.disclosure.certificate import Witnesses
from models.disclosure.events import is_of_events, protect_events
from models.disclosure.lasting import Lasting
from models.disclosure.parameters import DisclosureParameters, DisclosureRefused
from models.disclosure.protected import Protected
from models.disclosure.protection import Protection, protect, protect_after, protect_exactly
from models.disclosure.request import TableRequest, read_request
from models.disclosure.seen import NUMBERS
from models.disclosure.shares import attack_shares, is_of_shares, protect_shares, share_summary
from models.disclosure.table import CountTable, count_columns

__all__ = [
    "NUMBERS",
    "CountTable",
    "DisclosureParameters",
    "DisclosureRefused",
    "Lasting",
    "Protected",
    "Protection",
    "TableRequest",
    "Witnesses",
    "as_insider",
    "attack",
    "attack_shares",
    "count_columns",
    "excluding",
    "is_of_events",
    "is_of_shares",
    "protect",
    "protect_after",
    "protect_events",
    "protect_exactly",
    "protect_shares",
    "read_request",
    "share_summary",
    "summary",
]
