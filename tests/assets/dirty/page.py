"""Write docs/reference/dirty-data.md from the catalogue: `python -m tests.assets.dirty.page`."""

from pathlib import Path

from tests.assets.dirty.catalogue import CHAPTERS
from tests.assets.dirty.kind import Kind, Outcome

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "dirty-data.md"
_HEAD = """# Dirty data · Netīri dati

What happens to a file that is not quite right, and what to do? Find the kind; each row of this page is a test.
Kas notiek ar failu, kurā kaut kas nav kārtībā, un ko darīt? Atrodiet veidu; katra šīs lapas rinda ir tests.

- **accepted**: every row is taken in. What was tidied or looks doubtful is counted in the note of the ledger (`raw.delivery.note`), never with a value.
- **quarantined**: the rows named by the rule wait, the good rows beside them are taken in. The report to the sender names file, line and rule.
- **refused**: nothing of the file is taken in, its rows are counted, its bytes stay in `landing/`. Other files of the folder are taken in.

What changes no meaning is tidied: spaces around a value or of another kind, signs nobody sees, letters made of two signs, the `.0` of a whole number, empty fields at the end of a row.
Nothing else is guessed. In Parquet files nothing is tidied: a value that does not fit its rule waits; and a byte that was changed within a page, so that it still can be read, cannot be known by anybody but the sender.
"""  # noqa: E501
# What to do, by the name a kind gives, or else by the rule that its rows broke: Latvian, English.
DO = {
    "utf8": ("saglabājiet failu kā UTF-8", "save the file as UTF-8"),
    "whole": ("iesniedziet visu failu vēlreiz", "deliver the whole file again"),
    "check": ("pārbaudiet piezīmē nosauktās vērtības", "check the values that the note counts"),
    "separator": ("atdalītājs: komats, semikols vai tabulators", "separate by comma, semicolon or tab"),
    "swapped": ("salieciet vērtības to kolonnās", "put the values into their columns"),
    "columns": ("katrai kolonnai viens nosaukums kā veidnē", "name each column once, as the template does"),
    "retype": ("uzrakstiet no jauna latīņu burtiem un cipariem", "type it anew in Latin letters and digits"),
    "unpacked": ("iesniedziet nesaspiestu failu", "deliver the file unpacked"),
    "text-cells": ("formatējiet kolonnu kā tekstu un ierakstiet vēlreiz",
         "format the column as text and enter it anew"),
    "date-cells": ("formatējiet kolonnu kā datumu", "format the column as a date"),
    "values": ("ielīmējiet vērtības formulu vietā", "paste values in place of formulas"),
    "resave": ("saglabājiet vēlreiz kā XLSX bez paroles vai kā CSV",
         "save it again as XLSX without a password, or as CSV"),
    "far": ("izdzēsiet tukšās rindas un kolonnas", "delete empty rows and columns"),
    "link": ("ielieciet mapē pašu failu", "put the file itself into the folder"),
    "name": ("katrai datu kopai viens fails ar tās nosaukumu", "one file for each dataset, called by its name"),
    "doubt": ("pārbaudiet; skat. `core.school_doubt`", "check it; see `core.school_doubt`"),
    "code": ("labojiet kodu", "correct the code"),
    "row_malformed": ("salabojiet rindu; tekstu ar atdalītāju lieciet pēdiņās",
         "mend the row; quote text with a separator"),
    "type": ("uzrakstiet datumu vai skaitli pareizi", "write the day or number as it should be"),
    "range": ("vērtībai jābūt atļautajās robežās", "keep the value within its bounds"),
    "form": ("uzrakstiet vērtību atļautajā formā", "write the value in an accepted form"),
    "known": ("iesniedziet trūkstošo vai labojiet kodu", "deliver what it refers to, or correct the code"),
    "required": ("aizpildiet lauku vai izdzēsiet rindu", "fill in the field, or delete the row"),
    "disagrees": ("atstājiet pareizo rindu", "keep the row that is right"),
    "entry": ("labojiet datumus", "correct the days"),
    "plausible": ("labojiet datumu", "correct the day"),
    "maximum": ("labojiet punktus", "correct the points"),
    "checksum": ("pārbaudiet kodu dokumentā", "check the code in the document"),
    "date": ("pārbaudiet kodu dokumentā", "check the code in the document"),
    "": ("nekas", "nothing"),
}  # fmt: skip


def advice(kind: Kind) -> tuple[str, str]:
    """Say what to do about a kind, in Latvian and English."""
    rule = next(iter(kind.outcome.rules), "")
    named = kind.do or (rule if rule in DO else rule.rpartition("_")[2])
    return DO[named]


def happens(outcome: Outcome) -> str:
    """Say what becomes of a file of the kind."""
    said = "; ".join(outcome.says)
    if outcome.status == "refused":
        return f"refused: “… {said} …”"
    again = "; a repeated row counts once" if outcome.repeated else ""
    waiting = ", ".join(f"`{rule}` ({rows})" for rule, rows in outcome.rules.items())
    note = f"; note: “… {said} …”" if said else ""
    return f"quarantined: {waiting}{note}" if waiting else f"accepted{again}{note}"


def text() -> str:
    """Return the whole page."""
    parts = [_HEAD]
    for (lv, en), kinds in CHAPTERS.items():
        parts.append(
            f"\n## {lv} · {en}\n\n| Veids | Kind | What happens | Ko darīt | What to do |\n|---|---|---|---|---|\n"
        )
        for kind in kinds:
            cells = (kind.lv, kind.en, happens(kind.outcome), *advice(kind))
            parts.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
