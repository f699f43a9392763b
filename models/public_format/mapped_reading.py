"""Read a map file: every key must have a meaning here, and an error says what to write instead."""

import re

from models.delivery import DeliveryRefused, parse_delivery
from models.public_format.date_form import DateForm, WrongForm, parse_form
from models.public_format.mapped_map import (
    CODE_LISTS,
    CODED,
    ENCODINGS,
    Column,
    Dataset,
    DeliveredOn,
    Known,
    Layout,
    MapFile,
    Wide,
)
from models.public_format.said import Said

DELIMITERS = ("comma", "semicolon", "tab")
COUNTED = "sequence"
DATES = "dates"
_LAYOUT = (
    "files", "encoding", "delimiter", "mode", "schools", "from", "to", "deleted", "shape", "dates", "school_year",
    "columns", "wide", "spellings", "leave_out",
)  # fmt: skip
_WIDE = ("columns", "name_is", "cell_is", "empty_cell", "several")
_SOURCE, _SCHOOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"), re.compile(r"[0-9]{10}")


def read_map(said: Said, known: Known) -> MapFile:
    """Read a map file; ImportRefused names file, line, key, rule and next step."""
    said.only(("source", "delivered_on", "datasets", "codes"))
    for key in ("source", "delivered_on", "datasets"):
        if not said.has(key):
            raise said.refuse(f"`{key}` is missing; a map says who sent the export, when, and what is in it")
    if not _SOURCE.fullmatch(said.at("source").text()):
        raise said.at("source").refuse("it may hold letters, digits, dot, dash and underscore only, such as e-klase")
    datasets = said.at("datasets")
    datasets.only([name for name in known.datasets if name not in CODE_LISTS], "dataset")
    layouts = tuple(_layout(name, part, known.datasets[name]) for name, part in datasets.parts().items())
    codes = _codes(said.at("codes"), known) if said.has("codes") else {}
    if not layouts and not codes:
        raise datasets.refuse("it names no dataset; say at least one, such as attendance")
    return MapFile(said.at("source").text(), _delivered_on(said.at("delivered_on")), layouts, codes)


def _delivered_on(said: Said) -> DeliveredOn:
    if isinstance(said.value, str):
        try:
            parse_delivery("map", {"source": "map", "delivered_on": said.text()})
        except DeliveryRefused:
            raise said.refuse(
                "it must be a moment such as 2025-10-06T08:00:00+03:00, or {file_name: …, date: …}"
            ) from None
        return DeliveredOn(moment=said.text())
    said.only(("file_name", "date"))
    return DeliveredOn(file_name=_pattern(said.at("file_name")), form=_forms(said.at("date"), "")[0])


def _pattern(said: Said) -> str:
    if said.text().count("<>") != 1:
        raise said.refuse(
            "it must hold <> once, where the value stands, such as kavejumi_<>.csv; * stands for anything"
        )
    return said.text()


def _forms(said: Said, school_year: str) -> tuple[DateForm, ...]:
    parts = said.items() if isinstance(said.value, list) else [said]
    try:
        return tuple(parse_form(part.text(), school_year) for part in parts)
    except WrongForm as wrong:
        raise said.refuse(str(wrong)) from None


def _layout(name: str, said: Said, dataset: Dataset) -> Layout:
    said.only(_LAYOUT)
    forms = _forms(said.at("dates"), str(said.at("school_year").value)) if said.has("dates") else ()
    columns = _columns(said.at("columns"), name, dataset)
    wide = _wide(said.at("wide"), name, dataset, columns, forms) if said.has("wide") else None
    _require_needed(said, name, dataset, columns, wide)
    return Layout(
        dataset=name,
        files=_files(said.at("files")),
        columns=columns,
        wide=wide,
        forms=forms,
        note=_note(said, name, dataset),
        scope=(said.at("from").day(), said.at("to").day()),
        encoding=said.at("encoding").choice(ENCODINGS, ""),
        delimiter=said.at("delimiter").choice(DELIMITERS, ""),
        spellings=_spellings(said.at("spellings"), name, dataset) if said.has("spellings") else {},
        leave_out=_leave_out(said.at("leave_out")) if said.has("leave_out") else {},
    )


def _files(said: Said) -> str:
    if "/" in said.text() or "\\" in said.text() or said.text().startswith("."):
        raise said.refuse("it names files of the source folder itself; write a name such as kavejumi_*.csv, no path")
    return said.text()


def _columns(said: Said, name: str, dataset: Dataset) -> dict[str, Column]:
    said.only(dataset.columns, f"column of {name}")
    return {column: _column(part, column) for column, part in said.parts().items()}


def _column(said: Said, name: str) -> Column:
    if isinstance(said.value, str):
        return Column(header=said.text())
    said.only(("always", "file_name", "counted"))
    if len(said.parts()) != 1:
        raise said.refuse("say one of: the name of a column of the file, always, file_name, counted")
    if said.has("always"):
        return Column(always=said.at("always").text())
    if said.has("file_name"):
        return Column(file_name=_pattern(said.at("file_name")))
    if name != COUNTED:
        raise said.at("counted").refuse(f"only {COUNTED} can be counted; say which column of the file holds {name}")
    said.at("counted").choice(("true",))
    return Column(is_counted=True)


def _wide(said: Said, name: str, dataset: Dataset, columns: dict[str, Column], forms: tuple[DateForm, ...]) -> Wide:
    said.only(_WIDE)
    name_is, cell_is = (said.at(key).choice(dataset.columns) for key in ("name_is", "cell_is"))
    for key, column in (("name_is", name_is), ("cell_is", cell_is)):
        if column in columns:
            raise said.at(key).refuse(f"{column} is told twice, here and under `columns`; keep one")
    if name_is == cell_is:
        raise said.at("cell_is").refuse("a cell cannot be the same as what its column stands for; name another column")
    values = said.at("columns")
    if values.value == DATES:
        if name_is not in dataset.dates:
            raise said.at("name_is").refuse(f"the columns are dates, and {name_is} of {name} is none")
        if not forms:
            raise values.refuse("the columns are dates: say their form, such as `dates: dd.mm.yyyy.`, for this dataset")
    told = None if values.value == DATES else _wide_values(values)
    empty = said.at("empty_cell").choice(("no_row", "row"), "no_row")
    several = said.at("several").value if said.has("several") else ""
    if not isinstance(several, str):
        raise said.at("several").refuse('it is the sign between several values of a cell, such as " "')
    return Wide(told, name_is, cell_is, empty == "row", several)


def _wide_values(said: Said) -> dict[str, str]:
    """Read the columns that are values: a list where a name says its value, else a mapping from name to value."""
    if isinstance(said.value, list):
        return {item.text(): item.text() for item in said.items()}
    if not isinstance(said.value, dict) or not said.value:
        raise said.refuse('it must be a list such as ["1", "2"], a mapping such as {"1. stunda": 1}, or the word dates')
    return {header: part.text() for header, part in said.parts().items()}


def _require_needed(said: Said, name: str, dataset: Dataset, columns: dict[str, Column], wide: Wide | None) -> None:
    told = {*columns, *((wide.name_is, wide.cell_is) if wide else ())}
    needed = [c for c in dataset.needed if c in dataset.key] if said.at("deleted").value == "true" else dataset.needed
    absent = [column for column in needed if column not in told]
    if absent:
        raise said.at("columns").refuse(
            f"{len(absent)} column(s) that {name} needs are not told: {', '.join(absent)}; name the column of the file,"
            " or say {always: …} where it is the same in every row"
        )


def _note(said: Said, name: str, dataset: Dataset) -> dict[str, object]:
    """Return what delivery.yaml says of the dataset; a full one must say what it replaces."""
    mode = said.at("mode").choice(("delta", "full"), "delta")
    note: dict[str, object] = {"mode": mode}
    if name == "attendance":
        note["shape"] = _shape(said.at("shape"))
    elif said.has("shape"):
        raise said.at("shape").refuse("only attendance has a shape; leave it out")
    schools = said.at("schools").items() if said.has("schools") else []
    if wrong := [part for part in schools if not _SCHOOL.fullmatch(str(part.value))]:
        raise wrong[0].refuse("a registration number has ten digits")
    note |= {"schools": [part.text() for part in schools]} if schools else {}
    note |= {key: str(said.at(key).day()) for key in ("from", "to") if said.has(key)}
    if mode == "full" and dataset.is_dated and not (said.has("from") and said.has("to")):
        raise said.at("mode").refuse(
            "full replaces what was delivered before: say for which days, with `from` and `to`"
        )
    if said.at("deleted").choice(("true", "false"), "false") == "true":
        note["deleted"] = True
    return note


def _shape(said: Said) -> str:
    if said.value == "":
        raise said.refuse(
            "say roll (every lesson, present or not) or exceptions (absences only); the file does not tell"
        )
    return said.choice(("roll", "exceptions"))


def _spellings(said: Said, name: str, dataset: Dataset) -> dict[str, dict[str, str]]:
    said.only(dataset.columns, f"column of {name}")
    if CODED.get(name) in said.parts():
        raise said.at(CODED[name]).refuse("what a code means is said under `codes`, so that it is delivered as data")
    return {column: {old: new.text() for old, new in part.parts().items()} for column, part in said.parts().items()}


def _leave_out(said: Said) -> dict[str, tuple[str, ...]]:
    return {header: tuple(str(item.value).strip() for item in part.items()) for header, part in said.parts().items()}


def _codes(said: Said, known: Known) -> dict[str, list[dict[str, str]]]:
    said.only(CODE_LISTS, "list of codes")
    return {
        name: [_code(item, name, known.meanings[name]) for item in part.items()] for name, part in said.parts().items()
    }


def _code(said: Said, name: str, meanings: tuple[str, ...]) -> dict[str, str]:
    """Read one meaning of a code: whose, since when, until when."""
    key = CODE_LISTS[name]
    said.only((*(("school",) if name == "attendance_code" else ()), key, "meaning", "from", "to"))
    missing = [word for word in (key, "meaning", "from") if not said.has(word)]
    if missing:
        raise said.refuse(
            f"{', '.join(missing)} is missing; a code has {key}, meaning and from, the first day it is valid"
        )
    row = {key if name == "attendance_code" else "exit_status": said.at(key).text()}
    if name == "attendance_code":
        school = said.at("school").value or "*"
        if school != "*" and not _SCHOOL.fullmatch(str(school)):
            raise said.at("school").refuse("it must be a registration number of ten digits, or * for all schools")
        row["school_reg_no"] = str(school)
    days = {"valid_from": said.at("from").day(), "valid_to": said.at("to").day()}
    return (
        row | {"meaning": said.at("meaning").choice(meanings)} | {k: str(day) if day else "" for k, day in days.items()}
    )
