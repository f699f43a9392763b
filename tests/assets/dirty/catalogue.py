"""The catalogue of dirty data: every kind, in the order in which the page shows them."""

from tests.assets.dirty import folders, text, values, workbooks
from tests.assets.dirty.kind import Kind

CHAPTERS: dict[tuple[str, str], list[Kind]] = {
    ("Kodējumi", "Encodings"): text.ENCODINGS,
    ("Atdalītāji un skaitļi", "Separators and numbers"): text.SEPARATORS,
    ("Pēdiņas", "Quotes"): text.QUOTES,
    ("Rindas", "Lines"): text.LINES,
    ("Galvenes", "Headers"): text.HEADERS,
    ("Pārrauti un saspiesti faili", "Files cut short or packed"): text.CUT,
    ("Darba grāmatas un Parquet", "Workbooks and Parquet"): workbooks.KINDS,
    ("Piegādes mape", "The delivery folder"): folders.KINDS,
    ("Datumi", "Days"): values.DAYS,
    ("Skaitļi", "Numbers"): values.NUMBERS,
    ("Vērtējumi", "Marks"): values.MARKS,
    ("Personas kodi", "Personal codes"): values.CODES,
    ("Atsauces", "References"): values.REFERENCES,
    ("Rindas, kas nesaskan ar citām", "Rows that disagree with others"): values.OTHERS,
    ("Zīmes, kas izskatās pareizi", "Signs that look right"): values.LOOKS,
}
KINDS = [kind for kinds in CHAPTERS.values() for kind in kinds]
