"""Files as senders write them: encodings, delimiters, headers, dates, numbers, and files that are not whole."""

import gzip
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.assets.kit import NEW_SCHOOL, SCHOOL, Country, absence, as_csv, code_of, enrolment, institution, mark, pupil

HEADER = "person_code,school_reg_no,lesson_date,lesson_no,subject_code,code\n"
LATVIAN = "Āčēģīķļņšūž"


def line(number: int = 1, lesson: object = 1, day: str = "2024-09-02", code: str = "n") -> str:
    return f"{code_of(number)},{SCHOOL},{day},{lesson},MAT,{code}\n"


def names(country: Country) -> list[str]:
    return [row[0] for row in country.rows("name", "institution") if row[0] != "Skola"]


ENCODED = {
    "utf-8": ("utf-8", b""),
    "utf-8 with a mark": ("utf-8", b"\xef\xbb\xbf"),
    "utf-16 with a mark": ("utf-16", b""),
    "utf-16-le": ("utf-16-le", b""),
    "utf-16-be": ("utf-16-be", b""),
    "windows-1257": ("cp1257", b""),
}


DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}


def test_latvian_letters_arrive_whole(country: Country):
    expected = {}
    for number, (form, (encoding, bom)) in enumerate(ENCODED.items()):
        for place, (delimiter, name) in enumerate(DELIMITERS.items()):
            school, delivery = f"41129010{number}{place}", f"{number}-{name}"
            text = as_csv([institution(school) | {"name": f"{LATVIAN} {form}"}], delimiter, end="\r\n")
            country.deliver(delivery, {"institution": bom + text.encode(encoding)})
            expected[f"viis.{delivery}"] = (f"{LATVIAN} {form}", name)
    country.take_in("institution")
    rows = country.query(
        "select delivery_id, name, split_part(detected, ' ', 3)"
        " from raw.institution join raw.delivery using (delivery_id)"
        " where dataset = 'institution' and name <> 'Skola'"
    )
    assert {delivery: (name, delimiter) for delivery, name, delimiter in rows} == expected


def test_packed_text_is_unpacked(country: Country):
    packed = gzip.compress(as_csv([institution(NEW_SCHOOL) | {"name": LATVIAN}]).encode("cp1257"))
    country.deliver("a", {"institution.csv.gz": packed})
    country.take_in("institution")
    assert names(country) == [LATVIAN]
    assert country.ledger("viis.a", "institution")["detected"] == "csv cp1257 comma"


def test_no_copy_of_a_file_stays_behind(country: Country):
    text = as_csv([institution(NEW_SCHOOL) | {"name": LATVIAN}, {"school_reg_no": "cut"}]).encode("utf-16")
    country.deliver("a", {"institution": text})
    country.take_in("institution")
    assert [path for path in country.home.scratch.rglob("*") if path.is_file()] == []


def test_latvian_headers_are_understood(country: Country):
    text = "Personas kods;Iestādes reģistrācijas nr.;Datums;Stunda;Kavējums;Attaisnots\r\n"
    text += f"{code_of(1)};{SCHOOL};02.09.2024.;1;ns;5.9.2024\r\n"
    country.deliver("a", {"attendance": text.encode("cp1257")})
    country.take_in("attendance")
    assert country.rows("lesson_date, lesson_no, code, excused_on", "attendance") == [
        (date(2024, 9, 2), 1, "ns", date(2024, 9, 5))
    ]


def test_the_delimiter_is_the_one_that_makes_known_columns(country: Country):
    text = '"skola_reg_nr";"valid_from";"nosaukums";"atvk";"kind";"a, b, c, d, e, f"\n'
    text += f"{NEW_SCHOOL};2024-09-01;Jaunā;LV00100;vispārējā izglītība;,\n"
    country.deliver("a", {"institution": text})
    country.take_in("institution")
    assert names(country) == ["Jaunā"]
    note = country.ledger("viis.a", "institution")["note"]
    assert note == "1 column(s) not of the contract were left out, at place 6"


DAYS = {
    "2024-09-02": date(2024, 9, 2),
    "02.09.2024.": date(2024, 9, 2),
    "2.9.2024": date(2024, 9, 2),
    "2024-09-02 00:00:00": date(2024, 9, 2),
    "2024-09-02T13:45:00": date(2024, 9, 2),
    "02.09.2024 13:45:00": date(2024, 9, 2),
    "2024-09-01T21:00:00Z": None,
    "2024-09-02 00:00:00+03": None,
    "02.09.24.": None,
    "09/02/2024": None,
    "31.02.2024.": None,
    "0024-09-02": None,
    "2204-09-02": None,
    "infinity": None,
    "epoch": None,
    "45537": None,
    "2024-09-02 (BC)": None,
}


def test_days_are_read_or_wait_and_never_guessed(country: Country):
    country.deliver("a", {"attendance": HEADER + "".join(line(lesson=n % 15, day=text) for n, text in enumerate(DAYS))})
    country.take_in("attendance")
    good = [n % 15 for n, day in enumerate(DAYS.values()) if day]
    assert sorted(country.rows("lesson_no, lesson_date", "attendance")) == [(n, date(2024, 9, 2)) for n in sorted(good)]
    assert country.waiting() == {"lesson_date_type": len(DAYS) - len(good)}


NUMBERS = {
    "3": None, "3.0": None, "3,00": None, " 3 ": None, "3.7": "lesson_no_type", "3,7": "lesson_no_type",
    "three": "lesson_no_type", "1e0": "lesson_no_type", "300": "lesson_no_type", "9" * 20: "lesson_no_type",
    "15": "lesson_no_range", "-1": "lesson_no_range", "": "lesson_no_required",
}  # fmt: skip


def test_whole_numbers_are_never_rounded(country: Country):
    rows = [absence(day=f"2024-09-{n:02}", lesson=text) for n, text in enumerate(NUMBERS, 2)]  # type: ignore[arg-type]
    country.deliver("a", {"attendance": as_csv(rows, ";")})
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (13, 4, 9, 0)
    assert {int(line["line"]): line["rule"] for line in country.report("viis.a")} == {
        n: rule for n, rule in enumerate(NUMBERS.values(), 2) if rule
    }
    assert set(country.rows("lesson_no", "attendance")) == {(3,)}


HOURS = {"1,5": 1.5, "1.5": 1.5, "3": 3.0, "nan": None, "inf": None, "1 000,5": None, "1,000.5": None}


def test_decimal_numbers_take_a_point_or_a_comma(country: Country):
    events = [
        {"support_id": f"S{n}", "school_reg_no": SCHOOL, "kind": "supervīzija", "hours": text}
        for n, text in enumerate(HOURS)
    ]
    country.deliver("a", {"staff_support": as_csv(events, ";")})
    country.take_in("staff_support")
    assert country.rows("hours", "staff_support") == [(1.5,), (1.5,), (3.0,)]
    assert country.waiting() == {"hours_type": 4}


MARKS = {
    "10": True, "1": True, "7(p.d.)": True, "7 (p.d.)": True, "3|6": True, "nv|6": True, "85,5%": True, "85.5 %": True,
    "17/20": True, "nv": True, "n": True, "i": True, "ni": True, "a": True, "S": True, "0": False, "11": False,
    "abc": False, "7-": False, "6|nv": False, "7((p))": False, "-3": False, "s": False, "": False,
}  # fmt: skip


def test_marks_take_the_known_forms_and_no_other(country: Country):
    country.deliver("a", {"mark": [mark(1, text, sequence=n) for n, text in enumerate(MARKS, 1)]})
    country.take_in("mark")
    assert {row[0] for row in country.rows("mark_text", "mark")} == {text for text, good in MARKS.items() if good}
    assert country.waiting() == {"mark_text_form": 8, "mark_text_required": 1}


def test_a_pupil_cannot_leave_before_coming(country: Country):
    country.deliver("a", {"enrolment": [enrolment(1, entry_date="2024-10-01", exit_date="2024-09-30", exit_status="")]})
    country.take_in("enrolment")
    assert country.waiting() == {"exit_after_entry": 1}


def test_codes_of_both_kinds_are_accepted(country: Country):
    codes = ["010203-12349", "01020322344", "320000-99999", "32000099998", "329999-00000"]
    country.deliver(
        "a", {"pupil": [{"person_code": code} for code in [*codes, "1020312345", "32000O-00001", "320000 00001"]]}
    )
    country.take_in("pupil")
    assert country.counts("viis.a", "pupil") == (8, 5, 3, 0)
    assert country.waiting() == {"person_code_form": 3}


BROKEN_LINES = {
    "a field too few": (HEADER + line() + "320000-00002,4112900001\n" + line(3), 3, [3]),
    "a field too many": (HEADER + line() + line(2).rstrip() + ",x\n" + line(3), 3, [3]),
    "cut in the middle": (HEADER + line() + line(2) + "320000-000", 3, [4]),
    "a quote left open": (HEADER + line() + '"' + line(2) + line(3) + line(4), 4, [3]),
    "a quote left open in the last field": (HEADER + line() + line(2, code='"n') + line(3), 3, [3]),
    "two quotes left open": (HEADER + line() + '"' + line(2) + line(3) + '"' + line(4), 4, [3, 5]),
    "a very long line": (HEADER + line() + line(2, code="x" * 3_000_000) + line(3), 3, [3]),
    "a huge only line": (HEADER + "x" * 5_000_000, 1, [2]),
    "old line ends": ((HEADER + line() + line(2)).replace("\n", "\r"), 2, []),
    "mixed line ends": (HEADER.replace("\n", "\r\n") + line() + line(2).replace("\n", "\r\n") + line(3), 3, []),
    "blank lines": (HEADER + "\n" + line() + "\n\n" + line(2) + "\n", 2, []),
    "blank lines before the header": ("\n\n" + HEADER + line(), 1, []),
    "no end of the last line": (HEADER + line() + line(2).rstrip("\n"), 2, []),
    "a quote inside a word": (HEADER + line(code='n"') + line(2), 2, []),
    "quoted fields": (HEADER + f'"{code_of(1)}","{SCHOOL}","2024-09-02","1","MAT","n"\n' + line(2), 2, []),
    "a line break in quotes": (HEADER + line().replace("MAT", '"Mate\nmātika"') + line(2), 2, []),
    "a doubled quote": (HEADER + line().replace("MAT", '"M ""A"" T"') + line(2), 2, []),
    "a delimiter in quotes": (HEADER + line().replace("MAT", '"M,A,T"') + line(2), 2, []),
    "nothing but the header": (HEADER, 0, []),
    "a header without line end": (HEADER.strip(), 0, []),
}


@pytest.fixture(scope="module")
def lines(registered: Country, tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Give a country to which every text was delivered, each about a day of its own."""
    country = registered.copy(tmp_path_factory.mktemp("lines") / "home")
    for number, (text, _, _) in enumerate(BROKEN_LINES.values(), 1):
        about = text.replace("2024-09-02", f"2024-{1 + number // 28:02}-{1 + number % 28:02}")
        country.deliver(f"d{number}", {"attendance": about})
    country.take_in("attendance")
    return country


@pytest.mark.parametrize("what", BROKEN_LINES)
def test_every_record_of_a_text_file_is_counted(lines: Country, what: str):
    _, records, malformed = BROKEN_LINES[what]
    delivery = f"viis.d{list(BROKEN_LINES).index(what) + 1}"
    rules = dict.fromkeys(malformed, "row_malformed") | ({2: "code_known"} if what == "a quote inside a word" else {})
    assert lines.counts(delivery, "attendance") == (records, records - len(rules), len(rules), 0)
    told = lines.report(delivery) if rules else []
    assert {int(row["line"]): row["rule"] for row in told} == rules


def test_malformed_rows_of_one_file_are_not_counted_in_the_next(country: Country):
    country.deliver("a", {"attendance": HEADER + "x\n" + line()}, on="2024-09-10")
    country.deliver("b", {"attendance": HEADER + line(2)}, on="2024-09-11")
    country.take_in("attendance")
    assert country.counts("viis.a", "attendance") == (2, 1, 1, 0)
    assert country.counts("viis.b", "attendance") == (1, 1, 0, 0)


REFUSED: dict[str, tuple[str, Any, str, int]] = {
    "no school and no lesson": ("attendance.csv", "person_code,lesson_date,code\n1,2,3\n4,5,6", "2 missing", 2),
    "an empty file": ("attendance.csv", b"", "the file is empty", 0),
    "an empty parquet": ("attendance.parquet", b"", "the file is empty", 0),
    "no header": ("attendance.csv", line() + line(2), "missing column(s)", 1),
    "zero bytes": ("attendance.csv", (HEADER + line() + "\0\n").encode(), "zero bytes", 2),
    "a column twice": ("attendance.csv", HEADER.strip() + ",kods\n" + line(), "column code stands twice", 1),
    "damaged utf-8": ("attendance.csv", (HEADER + line(code="ā")).encode() + b"\xc4,\n", "damaged UTF-8", 2),
    "cut in the middle of a letter": ("attendance.csv", (HEADER + line(code="ā")).encode()[:-2], "damaged UTF-8", 1),
    "neither utf-8 nor 1257": ("attendance.csv", HEADER.encode() + b"\x81\x83\n", "neither UTF-8 nor cp1257", 1),
    "half a utf-16 letter": ("attendance.csv", (HEADER + line()).encode("utf-16")[:-1], "neither UTF-8 nor utf-16", 1),
    "a packed file cut short": ("attendance.csv.gz", gzip.compress(HEADER.encode() * 99)[:-30], "complete .gz", 0),
    "not a packed file": ("attendance.csv.gz", HEADER.encode(), "not a complete .gz", 0),
    "not a workbook": ("attendance.xlsx", b"PK\x03\x04 nothing", "not a readable XLSX", 0),
    "a parquet of another column": ("attendance.parquet", [{"code": "n"}, {"code": "k"}], "4 missing column(s)", 2),
    "an engine's own column name": (
        "attendance.parquet", [absence() | {"file_row_number": 3}], "no column may be called file_row_number", 1,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def refused(registered: Country, tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Give a country to which every unreadable file was delivered."""
    country = registered.copy(tmp_path_factory.mktemp("refused") / "home")
    for number, (file, content, _, _) in enumerate(REFUSED.values()):
        country.deliver(f"d{number}", {file: content})
    country.take_in("attendance")
    return country


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_the_next_step(refused: Country, what: str):
    file, _, reason, rows = REFUSED[what]
    delivery = f"viis.d{list(REFUSED).index(what)}"
    row = refused.ledger(delivery, "attendance")
    assert (row["status"], row["rows_quarantined"], row["rows_accepted"]) == ("refused", rows, 0)
    assert row["note"].startswith(f"{file}: ")
    assert reason in row["note"]
    assert ";" in row["note"], "what is wrong; what to do"
    (told,) = refused.report(delivery)
    assert (told["file"], told["line"], told["rule"]) == (file, "", "file_refused")
    assert f"{file}: {told['what is wrong']}; {told['what to do']}" == row["note"]


def parquet_bytes(folder: Path, rows: int = 5000) -> bytes:
    path = folder / "whole.parquet"
    pl.DataFrame([absence(1 + n % 6, lesson=n % 14, day="2024-09-02") for n in range(rows)]).write_parquet(path)
    return path.read_bytes()


def test_half_a_parquet_file_is_refused(country: Country, tmp_path: Path):
    whole = parquet_bytes(tmp_path)
    country.deliver("a", {"attendance.parquet": whole[: len(whole) // 2]})
    country.take_in("attendance")
    assert "not a complete Parquet file" in country.ledger("viis.a", "attendance")["note"]


def test_a_parquet_file_with_a_damaged_page_is_refused(country: Country, tmp_path: Path):
    whole = bytearray(parquet_bytes(tmp_path))
    whole[4:400] = b"\xff" * 396
    country.deliver("a", {"attendance.parquet": bytes(whole)})
    country.take_in("attendance")
    row = country.ledger("viis.a", "attendance")
    assert (row["status"], row["rows_delivered"]) == ("refused", 5000)
    assert "damaged" in row["note"]
    assert seen_parts(country) == 0


def seen_parts(country: Country) -> int:
    return country.query("select count(*) from raw.lake_part where dataset = 'attendance'")[0][0]


def test_parquet_types_that_mean_the_same_are_taken(country: Country):
    row = {"person_code": int(code_of(1).replace("-", "")), "school_reg_no": float(SCHOOL), "lesson_no": 3.0}
    moments = {"lesson_date": datetime(2024, 9, 2), "excused_on": datetime(2024, 9, 5, 14, 2)}
    country.deliver("a", {"attendance.parquet": [row | moments | {"code": "ns"}]})
    country.take_in("attendance")
    assert country.rows("school_reg_no, lesson_no, lesson_date, excused_on", "attendance") == [
        (SCHOOL, 3, date(2024, 9, 2), date(2024, 9, 5))
    ]


def test_a_moment_with_a_zone_is_a_day_in_latvia(country: Country):
    moment = pl.Series([datetime(2024, 9, 1, 21, 30)]).dt.replace_time_zone("UTC")
    country.deliver("a", {"attendance.parquet": pl.DataFrame([absence()]).with_columns(lesson_date=moment)})
    country.take_in("attendance")
    assert country.rows("lesson_date", "attendance") == [(date(2024, 9, 2),)]


def test_parquet_values_that_do_not_fit_wait(country: Country):
    rows = pl.DataFrame(
        {
            "support_id": ["A", "B", "C", "D"],
            "kind": ["supervision"] * 4,
            "participants": [8, 10**12, 9, 7],
            "hours": [3.0, 3.0, float("nan"), 3.0],
            "held_on": [date(2024, 9, 2)] * 3 + [date(24, 9, 2)],
        }
    )
    country.deliver("a", {"staff_support.parquet": rows})
    country.take_in("staff_support")
    assert country.waiting() == {"participants_type": 1, "hours_type": 1, "held_on_type": 1}
    assert country.rows("support_id", "staff_support") == [("A",)]


def test_a_float_too_short_for_a_school_number_waits(country: Country):
    frame = pl.DataFrame([absence()]).with_columns(school_reg_no=pl.lit(float(SCHOOL)).cast(pl.Float32))
    country.deliver("a", {"attendance.parquet": frame})
    country.take_in("attendance")
    assert country.waiting() == {"school_reg_no_form": 1}


def test_an_unknown_column_is_mentioned_by_its_place_only(country: Country):
    country.deliver("a", {"pupil": [pupil(11) | {"=1+1": "x", "Anna Slepenā": "y"}]})
    country.take_in("pupil")
    assert country.ledger("viis.a", "pupil")["note"] == "2 column(s) not of the contract were left out, at place 6, 7"


def test_names_of_files_may_be_written_in_capitals(country: Country):
    packed = gzip.compress(as_csv([absence(2)]).encode())
    country.deliver("a", {"ATTENDANCE.CSV": as_csv([absence()])})
    country.deliver("b", {"attendance.CSV.GZ": packed})
    pl.DataFrame([absence(3)]).write_parquet(country.deliver("c", {}) / "Attendance.Parquet")
    country.take_in("attendance")
    assert [country.counts(f"viis.{name}", "attendance") for name in "abc"] == [(1, 1, 0, 0)] * 3
