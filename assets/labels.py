"""What published columns are called, and what they mean, in Latvian and English."""

from typing import Any

from assets.warehouse import Warehouse

_LABELS = """
    select distinct indicator, label_lv as lv, label_en as en, definition_lv, definition_en
    from risk.indicator_rule join risk.stand
        on stand.as_of between indicator_rule.valid_from and coalesce(indicator_rule.valid_to, date '9999-12-31')
    where not indicator_rule.is_health
    order by indicator
"""
_AT_RISK = {
    "lv": "Riska grupā",
    "en": "At risk",
    "definition_lv": "Pārsniegts likuma slieksnis (vairāk nekā 20 neattaisnotas stundas semestrī) vai pazīmes vismaz"
    " divās no trim jomām: kavējumi, vērtējumi, mācību gaita.",
    "definition_en": "The legal threshold is passed (more than 20 unexcused lessons a semester) or signals stand in at"
    " least two of three fields: absence, marks, path.",
}
_SO_FAR = {
    "at_risk_this_term": {
        "lv": "Riska grupā šajā semestrī",
        "en": "At risk this term",
        "definition_lv": "Riska grupā vismaz viena semestra mēneša beigās; skaitīts tur, kur mācās tagad.",
        "definition_en": "At risk at the close of at least one month of the term; counted where they are now.",
    },
    "at_risk_this_year": {
        "lv": "Riska grupā šajā mācību gadā",
        "en": "At risk this school year",
        "definition_lv": "Riska grupā vismaz viena mācību gada mēneša beigās; skaitīts tur, kur mācās tagad.",
        "definition_en": "At risk at the close of at least one month of the school year; counted where they are now.",
    },
}
_ABSENCE = {
    "lessons_missed_ill": {
        "lv": "Kavēts slimības dēļ",
        "en": "Missed because of illness",
        "definition_lv": "Daļa no pēdējo četru nedēļu notikušajām stundām, kas kavētas slimības dēļ.",
        "definition_en": "Share of the lessons of the last four weeks missed because of illness.",
    },
    "lessons_missed_other": {
        "lv": "Kavēts cita attaisnojoša iemesla dēļ",
        "en": "Missed for another accepted reason",
        "definition_lv": "Daļa no pēdējo četru nedēļu notikušajām stundām, kas kavētas cita attaisnojoša iemesla dēļ.",
        "definition_en": "Share of the lessons of the last four weeks missed for another accepted reason.",
    },
    "lessons_missed_unexcused": {
        "lv": "Kavēts bez attaisnojuma",
        "en": "Missed without an accepted reason",
        "definition_lv": "Daļa no pēdējo četru nedēļu notikušajām stundām, kas kavētas bez attaisnojuma vai"
        " kuru kavējums vēl nav precizēts.",
        "definition_en": "Share of the lessons of the last four weeks missed without an accepted reason, or whose"
        " reason is not yet clear.",
    },
}


def labels(warehouse: Warehouse) -> dict[str, Any]:
    """Return label and definition by indicator or column."""
    rows = warehouse.query(_LABELS).to_dicts()
    return {"at_risk": _AT_RISK} | _SO_FAR | _ABSENCE | {row.pop("indicator"): row for row in rows}
