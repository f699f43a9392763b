"""Why a file or a folder could not be taken in, in the sender's language: the door says it in English."""

import re
from collections.abc import Mapping

from data_contracts.wording import Advice

_NEW = "iesniedziet failu jaunā mapē"
_SAVE = "saglabājiet to vēlreiz ar Excel vai LibreOffice"
_YAML = "izlabojiet failu delivery.yaml"
# What the door says after the file's name, why in Latvian, what to do in Latvian; \1 is what the brackets found.
_SAID = (
    (r"no dataset is called so; call it (.+), ending in (.+)", "tādas datu kopas nav",
     r"nosauciet failu datu kopas vārdā (\1) ar galotni \2"),
    (r"it or its delivery.yaml changed after it was taken in", "fails vai tā delivery.yaml mainīts pēc pieņemšanas;"
     " spēkā ir pirmais", "mainīto failu iesniedziet jaunā mapē"),
    (r"its pages are damaged", "fails ir bojāts", f"eksportējiet to vēlreiz un {_NEW}"),
    (r"delivery.yaml names it, but the file is not there", "delivery.yaml šo failu min, bet faila mapē nav",
     "pievienojiet failu vai svītrojiet to no delivery.yaml"),
    (r"the file is empty", "fails ir tukšs", f"eksportējiet to vēlreiz un {_NEW}"),
    (r"it is not a complete Parquet file", "Parquet fails ir nepilnīgs", f"eksportējiet to vēlreiz un {_NEW}"),
    (r"no column may be called file_row_number", "kolonnu nedrīkst saukt file_row_number",
     f"pārdēvējiet kolonnu un {_NEW}"),
    (r"a column holds bytes, not text", "kolonnā ir baiti, nevis teksts", f"rakstiet to kā teksta kolonnu un {_NEW}"),
    (r"it is not a readable XLSX workbook", "Excel darba grāmatu nevar nolasīt",
     f"saglabājiet to vēlreiz kā XLSX bez paroles vai kā CSV un {_NEW}"),
    (r"column (.+) stands twice", r"kolonna \1 failā ir divreiz", f"atstājiet vienu un {_NEW}"),
    (r"\d+ missing column\(s\): (.+?); add them \(see (.+)\)", r"trūkst obligāto kolonnu: \1",
     rf"pievienojiet tās (veidne: \2) un {_NEW}"),
    (r"it is not a complete .gz file", ".gz fails ir nepilnīgs", f"saspiediet to vēlreiz un {_NEW}"),
    (r"its text is (?:damaged|neither)", "faila burtus nevar nolasīt: tas nav ne UTF-8, ne Windows-1257",
     f"saglabājiet failu kā “CSV UTF-8” un {_NEW}"),
    (r"it holds \d+ or more zero bytes", "failā ir nulles baiti; tas nav teksta fails",
     f"eksportējiet to vēlreiz kā CSV un {_NEW}"),
    (r"it unpacks to more than (\d+) times its size; deliver the file unpacked",
     r"atspiests fails ir vairāk nekā \1 reizes lielāks", f"{_NEW} nesaspiestu"),
    (r"it unpacks to more than (\d+) times its size or", r"darba grāmata atspiesta ir vairāk nekā \1 reizes lielāka",
     "iesniedziet datus kā CSV"),
    (r"a part of it leads out of the workbook", "darba grāmatas daļa ved ārpus tās", f"{_SAVE} un {_NEW}"),
    (r"parts of it bear one name or are too many", "darba grāmatas daļas atkārtojas vai to ir par daudz",
     f"{_SAVE} un {_NEW}"),
    (r"a sheet spans more than (\d+) cells", r"lapa aizņem vairāk nekā \1 šūnu",
     f"izdzēsiet tukšās rindas un kolonnas un {_NEW}"),
    (r"the column name\(s\) at place (.+) hold letters of another alphabet",
     r"kolonnas nosaukumā (vietā \1) ir cita alfabēta burti, kas izskatās kā latīņu",
     f"pārrakstiet nosaukumu ar tastatūru un {_NEW}"),
    (r"its text was made UTF-8 twice", "burti divreiz pārkodēti: katrs latviešu burts ir divas zīmes",
     f"eksportējiet to vēlreiz un {_NEW}"),
    (r"it, or its folder, is a link to somewhere else", "mape vai delivery.yaml ir saite uz citu vietu",
     "ielieciet pašu mapi"),
    (r"it is a link to somewhere else", "tā ir saite uz citu vietu", "ielieciet mapē pašu failu"),
    (r"it is a folder", "tā ir mape, nevis fails", "ielieciet failus tieši piegādes mapē"),
    (r"it is no ordinary file; put a file with rows", "tas nav parasts fails", "ielieciet tā vietā failu ar rindām"),
    (r"it is an archive", "tas ir arhīvs", "atspiediet to un ielieciet failus piegādes mapē"),
    (r"it is no ordinary file", "delivery.yaml nav parasts fails", "ielieciet tā vietā failu"),
    (r"two files for dataset (\w+)", r"datu kopai \1 mapē ir divi faili", "atstājiet vienu"),
    (r"`datasets` names one that does not exist; it may be (.+)", "delivery.yaml min datu kopu, kādas nav",
     rf"{_YAML}; datu kopas ir \1"),
    (r"(\w+) has no schools, so `schools` cannot limit it", r"datu kopai \1 nav skolu, `schools` to nevar ierobežot",
     f"{_YAML}: svītrojiet `schools`"),
    (r"it is longer than a megabyte", "delivery.yaml ir garāks par megabaitu", _YAML),
    (r"it is nested too deeply", "delivery.yaml ir pārāk daudz līmeņu", _YAML),
    (r"it stands alone", "mapē ir tikai delivery.yaml", "ielieciet mapē datu kopu failus"),
    (r"it cannot be read \((\w+)\); give permission to read it", "failu nevar atvērt", "piešķiriet lasīšanas tiesības"),
    (r"it cannot be read \((\w+)\)", "delivery.yaml nevar atvērt", "piešķiriet lasīšanas tiesības"),
    (r"it is not readable YAML in UTF-8", "delivery.yaml nav lasāms YAML (UTF-8)", _YAML),
    (r"another folder has this source and folder name too", "cita mape jau nes šo avotu un nosaukumu",
     "pārdēvējiet mapi"),
    (r"`(\w+)` is not a date such as", r"`\1` nav datums", rf"{_YAML}: rakstiet, piemēram, 2025-09-01"),
    (r"`delivered_on` is not a date-time", "`delivered_on` nav datums ar laiku",
     f"{_YAML}: rakstiet, piemēram, 2025-09-01T07:30:00+03:00"),
    (r"`delivered_on` must lie in the years (\d+) to (\d+)", "`delivered_on` gads nav ticams",
     rf"{_YAML}: gadam jābūt no \1 līdz \2"),
    (r"`delivered_on` is missing", "trūkst `delivered_on`", f"{_YAML}: pierakstiet piegādes brīdi"),
    (r"`(\w+)` must be true or false", r"`\1` jābūt true vai false", _YAML),
    (r"`schools` must be a list", "`schools` jābūt reģistrācijas numuru sarakstam",
     f"{_YAML}: numuri pa 10 cipariem pēdiņās"),
    (r"`corrects` must be a list", "`corrects` jābūt agrāku piegādes mapju sarakstam", _YAML),
    (r"`datasets` must map", "`datasets` jāuzskaita datu kopas ar iestatījumiem", _YAML),
    (r"the settings of a dataset may be (.+) only", "datu kopai ir nezināms iestatījums",
     rf"{_YAML}: atļauti tikai \1"),
    (r"`from` must not be later than `to`", "`from` ir vēlāk par `to`", _YAML),
    (r"a list of keys to withdraw", "atsaucamo atslēgu saraksts (`deleted: true`) nevar būt `full`",
     f"{_YAML}: rakstiet `mode: delta`"),
    (r"it must hold `source`", "trūkst `source`, `delivered_on` vai `datasets`", _YAML),
    (r"`source` and the folder name may hold", "avota vai mapes nosaukumā ir neatļautas zīmes",
     "lietojiet latīņu burtus bez diakritiskajām zīmēm, ciparus, punktu, defisi un pasvītrojuma zīmi"),
    (r"`(\w+)` must be (.+)", r"`\1` vērtība nav atļauta", rf"{_YAML}: rakstiet vienu no: \2"),
)  # fmt: skip
_UNSAID = "failu nevarēja pieņemt; iemesls ir angļu valodas ailē"


def in_latvian(said: str, labels: Mapping[str, str] | None = None) -> tuple[str, str] | None:
    """Return why and what to do in Latvian; None if the door says what nobody put into Latvian yet.

    labels: the Latvian name of each column that the door may name.
    """
    for pattern, why, do in _SAID:
        if found := re.match(pattern, said):
            # What the door goes on to say after a choice is not part of the choice.
            groups = [
                _labelled((g or "").split("; ")[0].replace(" or ", " vai "), labels or {}) for g in found.groups()
            ]
            return _filled(why, groups), _filled(do, groups)
    return None


def _labelled(listed: str, labels: Mapping[str, str]) -> str:
    return ", ".join(f"{labels[name]} ({name})" if name in labels else name for name in listed.split(", "))


def _filled(text: str, groups: list[str]) -> str:
    for number, group in enumerate(groups, 1):
        text = text.replace(f"\\{number}", group)
    return text


def explain(note: str, labels: Mapping[str, str] | None = None) -> Advice:
    """Say why a file or folder was refused and what to do, from what the door said: file, why, next step."""
    said = note.partition(": ")[2] or note
    wrong, _, do = said.partition("; ")
    why_lv, do_lv = in_latvian(said, labels) or (_UNSAID, f"izlabojiet failu un {_NEW}")
    return Advice(why_lv, do_lv, wrong, do or "correct it and deliver it again in a new folder")
