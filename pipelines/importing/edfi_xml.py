"""Read an Ed-Fi interchange as it streams by: a document with a type declaration is refused before it is expanded."""

from pathlib import Path
from xml.parsers import expat

import polars as pl

from models.public_format.edfi import EVENT
from models.public_format.imported import ImportRefused

ROOT = "InterchangeStudentAttendance"
EVENTS = ("StudentSchoolAttendanceEvent", "StudentSectionAttendanceEvent")
FIELDS = {
    "StudentUniqueId": "student_id",
    "SchoolId": "school_id",
    "SessionName": "session",
    "EventDate": "event_date",
    "AttendanceEventCategory": "category",
    "SectionIdentifier": "section",
}
_LONGEST = 1000


class _OtherRoot(Exception):
    """The document is of another kind, so nothing of it is read."""


class _Reader:
    """Collect the first value of each field of each event; an interchange says the event's own school first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path: list[str] = []
        self.text: list[str] | None = None
        self.event: dict[str, str] = {}
        self.rows: dict[str, list[str | None]] = {column: [] for column in EVENT}
        self.others = 0

    def parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self.declaration
        parser.EntityDeclHandler = self.declaration
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        return parser

    def declaration(self, *_: object) -> None:
        raise ImportRefused(
            f"{self.name}: it holds 1 or more document type or entity declarations, which may unfold without end;"
            " export the interchange again without them"
        )

    def start(self, name: str, _: dict[str, str]) -> None:
        local = name.rsplit(" ", 1)[-1]
        if not self.path and local != ROOT:
            raise _OtherRoot
        self.path.append(local)
        self.text = [] if len(self.path) > 2 and local in FIELDS else None

    def characters(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)
            if sum(map(len, self.text)) > _LONGEST:
                raise ImportRefused(f"{self.name}: 1 or more values are longer than {_LONGEST} signs; export it again")

    def end(self, _: str) -> None:
        local = self.path.pop()
        if self.text is not None:
            self.event.setdefault(FIELDS[local], "".join(self.text).strip())
            self.text = None
        if len(self.path) == 1:
            self._close(local)

    def _close(self, kind: str) -> None:
        if kind in EVENTS:
            for column in EVENT:
                self.rows[column].append(self.event.get(column) or None)
        else:
            self.others += 1
        self.event = {}


def read_interchange(path: Path) -> tuple[pl.DataFrame, int] | None:
    """Return the attendance events of a file as text and the number of its other records; None of another document.

    ImportRefused names the file if it is not well formed, or holds a declaration.
    """
    reader = _Reader(path.name)
    try:
        with path.open("rb") as handle:
            reader.parser().ParseFile(handle)
    except _OtherRoot:
        return None
    except expat.ExpatError as error:
        raise ImportRefused(
            f"{path.name}: line {error.lineno} is not well-formed XML; export the interchange again"
        ) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ImportRefused(f"{path.name}: it cannot be read ({reason}); mend that and try again") from None
    return pl.DataFrame(reader.rows, dict.fromkeys(EVENT, pl.String)), reader.others
