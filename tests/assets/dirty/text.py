"""Text files: encodings, separators, quotes, lines, headers, files that are not whole."""

import gzip
import unicodedata
from typing import Any

from tests.assets.dirty.kind import HEADER, Kind, Spot, accepted, csv, refused, waits
from tests.assets.kit import institution

LATVIAN = "Pļaviņu šķūņa ģīmeņu žēlabas"
DAMAGED = "damaged UTF-8, or of two encodings"


def named(spot: Spot, name: str = LATVIAN) -> str:
    """Write two schools, one with a name in Latvian letters."""
    return spot.table(institution(spot.school) | {"name": name}, institution(spot.school.replace("41129", "41128")))


def encoded(encoding: str, mark: bytes = b"") -> Any:
    return csv(lambda s: mark + named(s).encode(encoding), "institution")


def twice(spot: Spot) -> str:
    return named(spot, LATVIAN.encode().decode("latin-1"))


ENCODINGS = [
    Kind("utf-8", "UTF-8", "UTF-8", encoded("utf-8"), accepted(), "institution"),
    Kind("utf-8-bom", "UTF-8 ar BOM", "UTF-8 with a mark", encoded("utf-8-sig"), accepted(), "institution"),
    Kind("utf-16-le-bom", "UTF-16 LE ar BOM", "UTF-16 LE with a mark",
         encoded("utf-16-le", b"\xff\xfe"), accepted(), "institution"),
    Kind("utf-16-be-bom", "UTF-16 BE ar BOM", "UTF-16 BE with a mark",
         encoded("utf-16-be", b"\xfe\xff"), accepted(), "institution"),
    Kind("utf-16-le", "UTF-16 LE bez BOM", "UTF-16 LE without a mark", encoded("utf-16-le"), accepted(), "institution"),
    Kind("utf-16-be", "UTF-16 BE bez BOM", "UTF-16 BE without a mark", encoded("utf-16-be"), accepted(), "institution"),
    Kind("windows-1257", "Windows-1257", "Windows-1257", encoded("cp1257"), accepted(), "institution"),
    Kind("utf-32", "UTF-32", "UTF-32", encoded("utf-32"), refused("zero bytes", 2), "institution", do="utf8"),
    Kind("mixed-encodings", "divi kodējumi vienā failā", "two encodings in one file",
         csv(lambda s: s.text(s.line(1, subject_code="ā")).encode() + s.line(2, subject_code="ž").encode("cp1257")),
         refused(DAMAGED, 2), do="utf8"),
    Kind("letter-cut", "fails beidzas burta vidū", "the file ends within a letter",
         csv(lambda s: s.text(s.line(1), s.line(2, excused_on="ā").rstrip()).encode()[:-1]), refused(DAMAGED, 2),
         do="whole"),
    Kind("utf-8-twice", "UTF-8 nolasīts kā Latin-1 un saglabāts vēlreiz", "UTF-8 taken for Latin-1 and saved again",
         csv(twice, "institution"), refused("made UTF-8 twice", 2), "institution", do="utf8"),
    Kind("latin-1-mistaken", "Windows-1257 nolasīts kā Latin-1 (š kļūst ð)",
         "Windows-1257 taken for Latin-1 (š becomes ð)",
         csv(lambda s: named(s, "Ðíûòu skola"), "institution"),
         accepted(2, "1 value(s) hold ð or þ"), "institution", do="check"),
    Kind("letter-lost", "pazaudēts burts (�)", "a letter that was lost (�)",
         csv(lambda s: named(s, "Pumpuru p\ufffdrvalde"), "institution"),
         accepted(2, "1 value(s) hold the sign for a letter that was lost"), "institution", do="check"),
    Kind("zero-bytes", "nulles baiti", "zero bytes", csv(lambda s: s.text(s.line(1), "\0" + s.line(2))),
         refused("zero bytes", 2), do="utf8"),
]  # fmt: skip


def hours(spot: Spot, sep: str, *values: str) -> str:
    rows = [{"support_id": f"H{spot.number}-{i}", "kind": "supervision", "hours": v} for i, v in enumerate(values)]
    return f"support_id{sep}kind{sep}hours\n" + "".join(sep.join(row.values()) + "\n" for row in rows)


SEPARATORS = [
    Kind("comma", "atdalītājs – komats", "comma as separator", csv(lambda s: s.table()), accepted()),
    Kind("semicolon", "atdalītājs – semikols", "semicolon as separator", csv(lambda s: s.table(sep=";")), accepted()),
    Kind("tab", "atdalītājs – tabulators", "tab as separator", csv(lambda s: s.table(sep="\t")), accepted()),
    Kind("pipe", "atdalītājs – |", "another separator: |", csv(lambda s: s.table(sep="|")),
         refused("5 missing column(s)", 2), do="separator"),
    Kind("decimal-comma", "decimālkomats", "decimal comma", csv(lambda s: hours(s, ";", "1,5", "2.5"), "staff_support"),
         accepted(), "staff_support"),
    Kind("decimal-comma-unquoted", "decimālkomats bez pēdiņām, atdalītājs – komats",
         "decimal comma without quotes, comma as separator",
         csv(lambda s: hours(s, ",", "1,5", "2.5"), "staff_support"), waits(1, row_malformed=1), "staff_support"),
    Kind("thousands", "tūkstošu atdalītājs", "thousands separator",
         csv(lambda s: hours(s, ";", "1 000,5", "1,000.5", "2"), "staff_support"), waits(1, hours_type=2),
         "staff_support"),
]  # fmt: skip

QUOTES = [
    Kind("quoted", "visi lauki pēdiņās", "every field in quotes",
         csv(lambda s: s.text(*(",".join(f'"{c}"' for c in s.line(n).strip().split(",")) + "\n" for n in (1, 2)))),
         accepted()),
    Kind("quote-open", "neaizvērtas pēdiņas", "a quote left open",
         csv(lambda s: s.text(s.line(1), '"' + s.line(2), s.line(3))), waits(2, row_malformed=1)),
    Kind("quote-doubled", "dubultotas pēdiņas", "doubled quotes",
         csv(lambda s: s.text(s.line(1), s.line(2, subject_code='"M ""A"" T"'))), accepted()),
    Kind("quote-within", "pēdiņas lauka vidū", "a quote within a field",
         csv(lambda s: s.text(s.line(1), s.line(2, code='n"'))), waits(1, code_known=1), do="code"),
    Kind("separator-quoted", "atdalītājs pēdiņās", "the separator in quotes",
         csv(lambda s: s.text(s.line(1), s.line(2, subject_code='"M,A,T"'))), accepted()),
    Kind("separator-unquoted", "atdalītājs tekstā bez pēdiņām", "the separator in a text without quotes",
         csv(lambda s: s.text(s.line(1), s.line(2, subject_code="M,A,T"))), waits(1, row_malformed=1)),
    Kind("line-break-quoted", "rindas pārtraukums pēdiņās", "a line break in quotes",
         csv(lambda s: s.text(s.line(1), s.line(2, subject_code='"Mate\nmātika"'))), accepted()),
    Kind("line-break-unquoted", "rindas pārtraukums bez pēdiņām", "a line break without quotes",
         csv(lambda s: s.text(s.line(1), s.line(2, subject_code="Mate\nmātika"))), waits(1, row_malformed=2)),
]  # fmt: skip


def no_rows(spot: Spot) -> str:
    return HEADER + "\n"


LINES = [
    Kind("long-line", "pārmērīgi gara rinda", "a line of megabytes",
         csv(lambda s: s.text(s.line(1), s.line(2, subject_code="x" * 3_000_000), s.line(3))), waits(2,
         row_malformed=1)),
    Kind("cr-only", "rindu beigas – tikai CR", "line ends of old Macs (CR)",
         csv(lambda s: s.table(end="\r")), accepted()),
    Kind("crlf", "rindu beigas – CRLF", "line ends of Windows (CRLF)", csv(lambda s: s.table(end="\r\n")), accepted()),
    Kind("mixed-ends", "dažādas rindu beigas", "mixed line ends",
         csv(lambda s: s.text(s.line(1).replace("\n", "\r\n"), s.line(2), s.line(3).replace("\n", "\r\n"))),
         accepted(3)),
    Kind("no-final-end", "pēdējai rindai nav beigu", "no end of the last line",
         csv(lambda s: s.table().rstrip("\n")), accepted()),
    Kind("blank-lines", "tukšas rindas", "blank lines",
         csv(lambda s: s.text("\n", s.line(1), "\n\n", s.line(2), "\n")), accepted()),
    Kind("empty-rows", "rindas tikai ar atdalītājiem", "rows of nothing but separators",
         csv(lambda s: s.text(s.line(1), ",,,,,,\n")), waits(1, person_code_required=1)),
    Kind("short-row", "rindā par maz lauku", "a row with a field too few",
         csv(lambda s: s.text(s.line(1), "320000-00002,4112900001\n")), waits(1, row_malformed=1)),
    Kind("long-row", "rindā par daudz lauku", "a row with a field too many",
         csv(lambda s: s.text(s.line(1), s.line(2).strip() + ",x\n")), waits(1, row_malformed=1)),
    Kind("trailing-separator", "lieks atdalītājs rindu beigās", "a stray separator at the end of rows",
         csv(lambda s: s.text(s.line(1).strip() + ",\n", s.line(2).strip() + ",\n")),
         accepted(2, "2 row(s) ended in empty fields too many or too few")),
    Kind("trailing-separator-some", "lieks atdalītājs dažu rindu beigās", "a stray separator at the end of some rows",
         csv(lambda s: s.text(s.line(1), s.line(2).strip() + ",,\n")),
         accepted(2, "1 row(s) ended in empty fields too many or too few")),
    Kind("trailing-separator-header", "lieks atdalītājs galvenes beigās", "a stray separator at the end of the header",
         csv(lambda s: s.text(header=HEADER + ",")), accepted(2, "2 row(s) ended in empty fields too many or too few")),
    Kind("trailing-separator-all", "lieks atdalītājs visur", "a stray separator at every end",
         csv(lambda s: s.text(s.line(1).strip() + ",\n", s.line(2).strip() + ",\n", header=HEADER + ",")), accepted()),
]  # fmt: skip

HEADERS = [
    Kind("columns-moved", "kolonnas citā secībā", "columns in another order",
         csv(lambda s: s.table(*(dict(reversed(s.row(n).items())) for n in (1, 2)))), accepted()),
    Kind("columns-swapped", "divu kolonnu vērtības samainītas", "the values of two columns swapped",
         csv(lambda s: s.table(s.row(1) | {"person_code": "4112900001", "school_reg_no": "320000-00001"}, s.row(2))),
         waits(1, person_code_form=1), do="swapped"),
    Kind("column-missing", "trūkst obligātas kolonnas", "a required column is missing",
         csv(lambda s: s.table({k: v for k, v in s.row().items() if k != "lesson_no"})),
         refused("missing column(s): lesson_no", 1),
         do="columns"),
    Kind("code-column-missing", "kavējumu failā trūkst koda kolonnas", "attendance without the column of codes",
         csv(lambda s: s.table({k: v for k, v in s.row().items() if k != "code"})), refused("missing column(s): code",
         1),
         do="columns"),
    Kind("column-twice", "divas kolonnas ar vienu nosaukumu", "two columns of one name",
         csv(lambda s: s.text(s.line().strip() + ",n\n", header=HEADER + ",code")),
         refused("column code stands twice", 1),
         do="columns"),
    Kind("column-twice-lv", "viena kolonna angliski un latviski", "one column in English and in Latvian",
         csv(lambda s: s.text(s.line().strip() + ",n\n", header=HEADER + ",kavējums")),
         refused("column code stands twice", 1),
         do="columns"),
    Kind("column-unknown", "nezināma kolonna", "a column we do not know",
         csv(lambda s: s.table(s.row(1) | {"piezīmes": "x"}, s.row(2) | {"piezīmes": ""})),
         accepted(2, "1 column(s) not of the contract were left out, at place 8")),
    Kind("column-unnamed", "kolonna bez nosaukuma", "a column without a name",
         csv(lambda s: s.text(s.line(1).strip() + ",abc,\n", s.line(2).strip() + ",,\n", header=HEADER + ",,x")),
         accepted(2, "1 value(s) under no header were left out, at place 8")),
    Kind("header-lv", "latviska galvene", "a Latvian header",
         csv(lambda s: s.text(s.line().replace(",", ";"),
         header="Personas kods;Iestādes reģistrācijas nr.;Datums;Stunda;"
                              "Mācību priekšmets;Kavējums;Attaisnots")), accepted(1)),
    Kind("header-tab", "tabulators galvenes nosaukuma beigās", "a tab at the end of a column name",
         csv(lambda s: s.text(header=HEADER + "\t")), accepted()),
    Kind("header-nbsp", "nepārraujamā atstarpe galvenē", "a no-break space in the header",
         csv(lambda s: s.text(header=HEADER.replace("code,school", "code\xa0,school").replace(",code", ",\u200bcode"))),
         accepted()),
    Kind("header-nfd", "galvenē burti no divām zīmēm (NFD)", "letters of two signs in the header (NFD)",
         csv(lambda s: s.text(header=unicodedata.normalize("NFD", HEADER.replace("subject_code",
         "mācību priekšmets")))),
         accepted()),
    Kind("header-cyrillic", "kirilicas burts galvenē", "a Cyrillic letter in the header",
         csv(lambda s: s.text(header=HEADER.replace("excused_on", "еxcused_on"))),
         refused("at place 7 hold letters of another alphabet", 2), do="retype"),
    Kind("title-rows", "virsraksts virs galvenes", "title rows above the header",
         csv(lambda s: "Kavējumi par mēnesi,,,,,,\n\n" + s.text()), accepted(2,
         "1 row(s) above the header were left out")),
    Kind("no-header", "nav galvenes", "no header", csv(lambda s: s.line(1) + s.line(2)), refused("missing column(s)",
         1),
         do="columns"),
    Kind("empty-file", "tukšs fails", "an empty file", csv(lambda s: b""), refused("the file is empty"), do="whole"),
    Kind("header-only", "tikai galvene", "nothing but the header", csv(no_rows), accepted(0)),
]  # fmt: skip


def packed(spot: Spot, cut: int | None = None) -> bytes:
    return gzip.compress(spot.table(*(spot.row(1 + n % 6, lesson_no=n % 15) for n in range(60))).encode())[:cut]


CUT = [
    Kind("csv-cut", "CSV fails pārrauts vidū", "a CSV cut in half",
         csv(lambda s: s.text(s.line(1), s.line(2))[:-30]), waits(1, row_malformed=1), do="whole"),
    Kind("gz", "saspiests CSV", "a packed CSV", lambda s: {"attendance.csv.gz": gzip.compress(s.table().encode())},
         accepted()),
    Kind("gz-cut", "saspiests fails pārrauts vidū", "a packed file cut in half",
         lambda s: {"attendance.csv.gz": packed(s, -40)}, refused("not a complete .gz"), do="whole"),
    Kind("gz-not", "fails nav saspiests, lai gan tā saucas", "not packed, though it is called so",
         lambda s: {"attendance.csv.gz": s.table().encode()}, refused("not a complete .gz"), do="whole"),
    Kind("gz-bomb", "saspiesta bumba", "a bomb in a packed file",
         lambda s: {"attendance.csv.gz": gzip.compress(s.text().encode() + bytes(100 << 20), 9)},
         refused("zero bytes"), do="unpacked"),
    Kind("gz-bomb-text", "saspiesta bumba no teksta", "a bomb of text in a packed file",
         lambda s: {"attendance.csv.gz": gzip.compress((s.text() + "\n" * (100 << 20)).encode(), 9)},
         refused("unpacks to more than 200 times"), do="unpacked"),
]  # fmt: skip

KINDS = ENCODINGS + SEPARATORS + QUOTES + LINES + HEADERS + CUT
