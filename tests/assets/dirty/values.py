"""Values and rows: days, numbers, marks, codes, people, signs that look right, rows that disagree with others."""

import unicodedata
from typing import Any

from tests.assets.dirty.kind import Kind, accepted, csv, waits
from tests.assets.kit import institution

Rows = Any


def rows(make: Rows, dataset: str = "attendance", sep: str = ",") -> Any:
    return csv(lambda s: s.table(*make(s), sep=sep), dataset)


def dated(text: str) -> Any:
    """Write a good row, and one whose day of excuse is the text."""
    return rows(lambda s: [s.row(1), s.row(2, excused_on=text)])


def one(value: dict[str, Any]) -> Any:
    return rows(lambda s: [s.row(1), s.row(2, **value)])


def of_enrolment(*spans: dict[str, Any]) -> Any:
    return rows(lambda s: [s.enrolment(1), *(s.enrolment(2) | span for span in spans)], "enrolment")


BAD_DAY = waits(1, excused_on_type=1)
DAYS = [
    Kind("day-lv", "datums 2.9.2024 vai 02.09.2024.", "a day as 2.9.2024 or 02.09.2024.",
         rows(lambda s: [s.row(1, excused_on="02.09.2024."), s.row(2, excused_on="2.9.2024")]), accepted()),
    Kind("day-time", "datums ar vietējo laiku", "a day with a local time", dated("2024-09-02T13:45:00"), accepted()),
    Kind("day-zone", "datums ar laika joslu", "a day with a time zone", dated("2024-09-01T21:00:00Z"), BAD_DAY),
    Kind("day-29-february", "29. februāris negarā gadā", "29 February of a common year", dated("29.02.2023."), BAD_DAY),
    Kind("day-31-april", "31. aprīlis", "31 April", dated("31.04.2024."), BAD_DAY),
    Kind("day-two-digit-year", "gads ar diviem cipariem", "a year of two digits", dated("02.09.24."), BAD_DAY),
    Kind("day-us", "datums ASV pierakstā", "a day as Americans write it", dated("09/02/2024"), BAD_DAY),
    Kind("day-serial", "datums kā Excel kārtas skaitlis", "a day as Excel's serial number", dated("45537"), BAD_DAY),
    Kind("day-far", "gads 0024 vai 2204", "a year such as 0024 or 2204",
         rows(lambda s: [s.row(1), s.row(2, excused_on="0024-09-02"), s.row(3, excused_on="2204-09-02")]),
         waits(1, excused_on_type=2)),
    Kind("day-future", "stunda nākotnē", "a lesson in the future",
         rows(lambda s: [s.row(1), s.row(2, lesson_date="2031-09-02")]), accepted(), do="doubt"),
    Kind("day-empty", "nav datuma", "no day", one({"lesson_date": ""}), waits(1, lesson_date_required=1)),
    Kind("birth-implausible", "neticams dzimšanas datums", "an implausible date of birth",
         rows(lambda s: [s.pupil(f"320000-{s.newcomer}0"),
         s.pupil(f"320000-{s.newcomer}1") | {"birth_date": "1910-01-01"}],
              "pupil"), waits(1, birth_date_plausible=1), "pupil"),
    Kind("before-birth", "piederība pirms dzimšanas", "enrolled before birth",
         rows(lambda s: [s.enrolment(1), s.enrolment(4, entry_date=f"20{s.number % 10:02}-09-01")], "enrolment"),
         accepted(),
         "enrolment", do="doubt"),
]  # fmt: skip

NUMBERS = [
    Kind("lesson-15", "stundas numurs 15", "lesson number 15", one({"lesson_no": 15}), waits(1, lesson_no_range=1)),
    Kind("lesson-minus", "stundas numurs -1", "lesson number -1", one({"lesson_no": -1}), waits(1, lesson_no_range=1)),
    Kind("lesson-part", "stundas numurs 3,7", "lesson number 3.7", one({"lesson_no": 3.7}), waits(1, lesson_no_type=1)),
    Kind("lesson-word", "stundas numurs vārdos", "a lesson number in words", one({"lesson_no": "three"}), waits(1,
         lesson_no_type=1)),
    Kind("lesson-float", "stundas numurs 3.0", "lesson number 3.0", one({"lesson_no": "3.0"}), accepted()),
    Kind("wide-digits", "pilna platuma cipari", "full-width digits", one({"lesson_no": "３"}),
         waits(1, "look like Latin ones", lesson_no_type=1), do="retype"),
    Kind("school-float", "skolas numurs kā decimālskaitlis", "a school number as a float",
         one({"school_reg_no": "4112900001.0"}), accepted(2, "1 value(s) lost the `.0` of a whole number")),
    Kind("school-short", "skolas numuram zudusi nulle", "a school number that lost a digit",
         one({"school_reg_no": "412900001"}),
         waits(1, school_reg_no_form=1)),
    Kind("school-scientific", "skolas numurs 4,11E+09", "a school number as 4.11E+09",
         one({"school_reg_no": "4.11E+09"}),
         waits(1, school_reg_no_form=1), do="text-cells"),
]  # fmt: skip


def marks(*texts: str) -> Any:
    return rows(lambda s: [s.mark(i, text) for i, text in enumerate(texts, 1)], "mark")


MARKS = [
    Kind("mark-0", "vērtējums ārpus skalas (0, 11)", "a mark outside the scale (0, 11)", marks("7", "0", "11"),
         waits(1, mark_text_form=2), "mark"),
    Kind("mark-forms", "dažādas vērtējumu formas vienā kolonnā", "several forms of marks in one column",
         marks("7", "nv", "85,5%", "17/20", "S", "3|6"), accepted(6), "mark"),
    Kind("mark-prose", "vērtējums vārdos", "a mark in words", marks("7", "labi"), waits(1, mark_text_form=1), "mark"),
    Kind("mark-points", "punktu vairāk nekā maksimums", "more points than there are", marks("7", "21/20"),
         waits(1, points_within_maximum=1), "mark"),
    Kind("mark-empty", "nav vērtējuma", "no mark", marks("7", ""), waits(1, mark_text_required=1), "mark"),
    Kind("mark-date", "Excel vērtējumu pārvērtis datumā", "a mark that Excel took for a day", marks("7", "2024-03-06"),
         waits(1, mark_text_form=1), "mark", do="text-cells"),
    Kind("mark-cyrillic", "kirilicas burts vērtējumā", "a Cyrillic look-alike in a mark", marks("7", "nѵ"),
         waits(1, "look like Latin ones", mark_text_form=1), "mark", do="retype"),
]  # fmt: skip


def people(*codes: str) -> Any:
    """Write a newcomer and people with the codes, of which # is a digit of the place of this kind."""
    return rows(lambda s: [s.pupil(f"320000-{s.newcomer}0"), *(s.pupil(code) for code in codes)], "pupil")


CODES = [
    Kind("code-old", "vecais personas kods", "an old personal code", people("010203-12349", "01020322344"),
         accepted(3), "pupil"),
    Kind("code-new", "jaunais personas kods (bez datuma un kontrolcipara)",
         "a new personal code (no date, no check digit)",
         people("328765-43219", "39000000001"), accepted(3), "pupil"),
    Kind("code-checksum", "vecā koda kontrolcipars nav pareizs", "an old code with a wrong check digit",
         people("010203-12348"), waits(1, person_code_checksum=1), "pupil"),
    Kind("code-date", "vecā koda datuma nav", "an old code with an impossible date",
         people("310203-12345", "290203-11234", "400000-00000"), waits(1, person_code_date=3), "pupil"),
    Kind("code-century", "vecā koda gadsimta cipara nav", "an old code of a century that does not exist",
         people("010203-72345"), waits(1, person_code_date=1), "pupil"),
    Kind("code-zero-lost", "Excel atmetis sākuma nulli", "leading zeros that Excel took", people("1020312349",
         "102-12349"),
         waits(1, person_code_form=2), "pupil", do="text-cells"),
    Kind("code-scientific", "kods kā 3,2E+10", "a code as 3.2E+10", people("3.2E+10", "3.20000E+10"),
         waits(1, person_code_form=2), "pupil", do="text-cells"),
    Kind("code-float", "kods kā decimālskaitlis", "a code as a float", people("32000054321.0"),
         accepted(2, "1 value(s) lost the `.0` of a whole number"), "pupil"),
    Kind("code-cyrillic", "kirilicas burts kodā", "a Cyrillic look-alike in a code", people("32ООО0-00001"),
         waits(1, person_code_form=1), "pupil", do="retype"),
    Kind("code-inner-space", "atstarpe koda vidū", "a space within a code", people("320000 00001"),
         waits(1, person_code_form=1), "pupil"),
]  # fmt: skip

REFERENCES = [
    Kind("unknown-code", "nezināms kavējuma kods", "an unknown attendance code", one({"code": "zz"}), waits(1,
         code_known=1)),
    Kind("unknown-code-cyrillic", "kavējuma kods ar kirilicas burtu", "an attendance code with a Cyrillic letter",
         one({"code": "nс"}), waits(1, "look like Latin ones", code_known=1), do="retype"),
    Kind("unknown-school", "nezināma skola", "an unknown school", one({"school_reg_no": "4999999999"}),
         waits(1, school_reg_no_known=1)),
    Kind("unknown-pupil", "nezināms izglītojamais", "an unknown pupil",
         rows(lambda s: [s.row(1), s.row(0) | {"person_code": f"329999-{s.newcomer}9"}]), waits(1,
         person_code_known=1)),
    Kind("unknown-status", "nezināms izbeigšanas statuss", "an unknown exit status",
         of_enrolment({"exit_date": "2031-01-01", "exit_status": "pazudis"}), waits(1, exit_status_known=1),
         "enrolment"),
]  # fmt: skip

OTHERS = [
    Kind("key-agrees", "divas vienādas rindas", "two rows that agree", rows(lambda s: [s.row(1), s.row(2), s.row(2)]),
         accepted(2, repeated=1)),
    Kind("key-disagrees", "divas pretrunīgas rindas", "two rows that disagree",
         rows(lambda s: [s.row(1), s.row(2), s.row(2, code="ns")]), waits(1, key_disagrees=2)),
    Kind("enrolled-twice", "izglītojamais uzņemts divreiz", "a pupil enrolled twice",
         of_enrolment({"grade": 8}, {"grade": 9}), waits(1, key_disagrees=2), "enrolment"),
    Kind("enrolments-overlap", "piederības pārklājas", "enrolments that overlap",
         of_enrolment({"school_reg_no": "4112900002"}, {"exit_date": "2031-05-31"}), accepted(3), "enrolment",
         do="doubt"),
    Kind("exit-before-entry", "izstāšanās pirms iestāšanās", "exit before entry",
         of_enrolment({"exit_date": "2020-01-01"}), waits(1, exit_after_entry=1), "enrolment"),
    Kind("absent-before-entry", "kavējums pirms iestāšanās", "attendance before entry",
         rows(lambda s: [s.row(1), s.row(2, lesson_date=f"2023-{1 + s.number % 12:02}-02")]), accepted(), do="doubt"),
    Kind("absent-after-exit", "kavējums pēc izstāšanās", "attendance after exit",
         lambda s: {"enrolment.csv": s.table(s.enrolment(6) | {"exit_date": s.day, "school_reg_no": "4112900002"}),
                    "attendance.csv": s.table(s.row(1), s.row(6, school_reg_no="4112900002"))}, accepted(), do="doubt"),
]  # fmt: skip

LOOKS = [
    Kind("spaces-around", "atstarpes ap vērtībām", "spaces around values",
         rows(lambda s: [s.row(1, subject_code=" MAT"), s.row(2, code="n  ")]), accepted(2,
         "2 value(s) had spaces taken off")),
    Kind("nbsp", "nepārraujamās atstarpes", "no-break spaces",
         rows(lambda s: [s.row(1, code="n\xa0"), s.row(2, subject_code="Dabas\xa0zinības")]),
         accepted(2, "2 value(s) had spaces taken off or made plain")),
    Kind("soft-hyphen", "mīkstās defises", "soft hyphens", rows(lambda s: [s.row(1), s.row(2,
         subject_code="mate\xadmātika")]),
         accepted(2, "1 value(s) lost signs that nobody sees")),
    Kind("zero-width", "zīmes bez platuma", "signs without width", rows(lambda s: [s.row(1), s.row(2,
         code="\u200bn\ufeff")]),
         accepted(2, "1 value(s) lost signs that nobody sees")),
    Kind("nfd", "burti no divām zīmēm (NFD)", "letters of two signs (NFD)",
         rows(lambda s: [s.row(1), s.row(2, subject_code=unicodedata.normalize("NFD", "Mājturība"))]),
         accepted(2, "1 value(s) had letters composed")),
    Kind("class-cyrillic", "kirilicas burts klases nosaukumā", "a Cyrillic look-alike in a class label",
         of_enrolment({"class_label": "8.а"}), accepted(2, "1 value(s) hold letters or digits of another alphabet"),
         "enrolment", do="check"),
    Kind("russian", "vārds kirilicā", "a word that is Cyrillic and says so", one({"subject_code": "Русский язык"}),
         accepted()),
    Kind("formula-text", "teksts, kas sākas kā formula", "text that begins like a formula",
         rows(lambda s: [institution(s.school) | {"name": "=HYPERLINK(1)"}], "institution"), accepted(1),
         "institution"),
    Kind("letter-case", "kavējuma kods ar lielo burtu", "a code in a capital letter", one({"code": "NS"}), waits(1,
         code_known=1)),
]  # fmt: skip

KINDS = DAYS + NUMBERS + MARKS + CODES + REFERENCES + OTHERS + LOOKS
