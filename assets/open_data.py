"""Describe a release for open-data portals: a Frictionless data package and a DCAT-AP dataset, beside its tables.

datapackage.json   tables, columns, types and what they mean; https://specs.frictionlessdata.io/data-package/
dcat.jsonld        the dataset and its files, with addresses relative to the release; https://semiceu.github.io/DCAT-AP/
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from assets.home import write_text
from data_contracts.contract import Contract, has_contract, load

PACKAGE, DCAT = "datapackage.json", "dcat.jsonld"
MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
ENDS = {
    "step_percent": "How wide the steps of the row's shares are, in percent.",
    "_status": "Why the number is as it is: rounded, withheld or no_data.",
    "_low": "The lowest value that the published one may stand for.",
    "_high": "The highest value that the published one may stand for.",
    "_share_percent": "Share of the pupils in whole percent, made from the published count.",
    "_percent": "The middle of the step that the share lies in.",
}
TITLE = {
    "lv": "Priekšlaicīgas mācību pārtraukšanas riska rādītāji",
    "en": "Risk indicators of early school leaving",
}
DESCRIPTION = {
    "lv": "Izglītojamo skaits riska grupā un ar atsevišķām pazīmēm pa mēnešiem. Izglītojamo skaits ir"
    " noapaļots līdz 5 daudzkārtnim tā, lai visas summas joprojām saskanētu; 0 nozīmē no 0 līdz 4.",
    "en": "Pupils at risk and with single signals by month. Counts of pupils are rounded to a multiple of 5"
    " so that all totals still add up; 0 means 0 to 4.",
}
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def _meaning(column: str, contract: Contract | None) -> str:
    """Say what a column means: as its contract does, or by what it ends with."""
    if contract and column in contract.column_names:
        return contract.column(column).description
    return next((said for end, said in ENDS.items() if column.endswith(end)), "")


def _type(dtype: pl.DataType) -> str:
    if dtype.is_numeric():
        return "integer" if dtype.is_integer() else "number"
    return "date" if dtype == pl.Date else "string"


def _fields(frame: pl.DataFrame, contract: Contract | None) -> list[dict[str, Any]]:
    fields = []
    for name, dtype in frame.schema.items():
        field: dict[str, Any] = {"name": name, "type": _type(dtype), "description": _meaning(name, contract)}
        if name.endswith("_status"):
            field["constraints"] = {"enum": ["rounded", "withheld", "no_data"]}
        fields.append(field)
    return fields


def _resource(folder: Path, name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    key = f"published.{name}"
    contract = load(key) if has_contract(key) else None
    frame = pl.read_parquet(folder / "tables" / f"{name}.parquet")
    return {
        "name": name,
        "path": f"tables/{name}.csv",
        "format": "csv",
        "mediatype": MEDIA["csv"],
        "encoding": "utf-8",
        "profile": "tabular-data-resource",
        "description": contract.purpose if contract else "A table that was asked for.",
        "schema": {
            "fields": _fields(frame, contract),
            "primaryKey": ["period", *entry["group_columns"]],
            "missingValues": [""],
        },
    }


def _package(folder: Path, report: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-package",
        "name": f"pumpurs-{report['release_id']}",
        "id": report["release_id"],
        "title": TITLE["en"],
        "description": f"{DESCRIPTION['en']} {report['cannot_see']['en']}",
        "version": report["pipeline_version"],
        "created": f"{report['known_on'][:10]}T00:00:00Z",
        "keywords": ["education", "early school leaving", "absence", "Latvia"],
        "resources": [_resource(folder, name, entry) for name, entry in report["tables"].items()],
    }


def _said(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text} for language, text in texts.items()]


def _distribution(name: str, suffix: str) -> dict[str, Any]:
    address = {"@id": f"tables/{name}.{suffix}"}
    return {
        "@id": f"#{name}.{suffix}",
        "@type": "dcat:Distribution",
        "dct:title": f"{name}.{suffix}",
        "dcat:accessURL": address,
        "dcat:downloadURL": address,
        "dcat:mediaType": {"@id": f"http://www.iana.org/assignments/media-types/{MEDIA[suffix]}"},
    }


def _dataset(report: Mapping[str, Any]) -> dict[str, Any]:
    periods = sorted({period for entry in report["tables"].values() for period in entry["periods"]})
    return {
        "@context": _CONTEXT,
        "@id": "#dataset",
        "@type": "dcat:Dataset",
        "dct:identifier": report["release_id"],
        "dct:title": _said(TITLE),
        "dct:description": _said({code: f"{text} {report['cannot_see'][code]}" for code, text in DESCRIPTION.items()}),
        "dct:issued": {"@type": "xsd:date", "@value": report["known_on"][:10]},
        "dct:language": [
            {"@id": f"http://publications.europa.eu/resource/authority/language/{code}"} for code in ("LAV", "ENG")
        ],
        "dct:spatial": {"@id": "http://publications.europa.eu/resource/authority/country/LVA"},
        "dcat:theme": {"@id": "http://publications.europa.eu/resource/authority/data-theme/EDUC"},
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@type": "xsd:gYearMonth", "@value": periods[0]},
            "dcat:endDate": {"@type": "xsd:gYearMonth", "@value": periods[-1]},
        },
        "dcat:distribution": [_distribution(name, suffix) for name in report["tables"] for suffix in MEDIA],
    }


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def describe(folder: Path) -> Sequence[Path]:
    """Write both descriptions into a release folder that has its tables and release.json; return them."""
    report = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    write_text(folder / PACKAGE, _json(_package(folder, report)))
    write_text(folder / DCAT, _json(_dataset(report)))
    return [folder / PACKAGE, folder / DCAT]
