"""A small OneRoster export made by code: one district, two schools, a teacher and three pupils, in 1.1 and 1.2."""

import csv
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.importing.folder import file_name
from pipelines.importing.oneroster import Wanted, import_oneroster
from pipelines.importing.report import ImportReport

Rows = list[dict[str, Any]]
Files = dict[str, Rows]
EXPORTED = Wanted(delivered_on=date(2025, 12, 1))

ALL_FILES = (
    "academicSessions", "categories", "classes", "classResources", "courses", "courseResources", "demographics",
    "enrollments", "lineItems", "orgs", "resources", "results", "users",
)  # fmt: skip


def row(sourced_id: str, **more: Any) -> dict[str, Any]:
    return {"sourcedId": sourced_id, "status": "", "dateLastModified": "", **more}


def user(sourced_id: str, role: str = "student", grades: str = "08", **more: Any) -> dict[str, Any]:
    names = {"givenName": f"Given {sourced_id}", "familyName": f"Family {sourced_id}", "identifier": ""}
    return row(sourced_id, enabledUser="true", orgSourcedIds="s1", role=role, **names, grades=grades) | more


def enrolled(sourced_id: str, pupil: str, class_id: str = "c1", **more: Any) -> dict[str, Any]:
    where = {"classSourcedId": class_id, "schoolSourcedId": "s1", "userSourcedId": pupil, "role": "student"}
    return row(sourced_id, **where, primary="", beginDate="", endDate="") | more


def result(sourced_id: str, pupil: str, score: str, item: str = "li1", **more: Any) -> dict[str, Any]:
    what = {"lineItemSourcedId": item, "studentSourcedId": pupil, "scoreStatus": "fully graded", "score": score}
    return row(sourced_id, **what, scoreDate="2025-10-01", comment="") | more


def world() -> Files:
    """Return the files of a 1.1 export as rows."""
    return {
        "orgs": [
            row("d1", name="Pumpuru novads", type="district", identifier="LV00100", parentSourcedId=""),
            row("s1", name="First school", type="school", identifier="4112900001", parentSourcedId="d1"),
            row("s2", name="Second school", type="school", identifier="4112900002", parentSourcedId="d1"),
        ],
        "academicSessions": [
            row("y", title="2025/26", type="schoolYear", startDate="2025-09-01", endDate="2026-05-30",
                parentSourcedId="", schoolYear="2026"),
            row("t1", title="I", type="semester", startDate="2025-09-01", endDate="2025-12-20", parentSourcedId="y",
                schoolYear="2026"),
            row("t2", title="II", type="semester", startDate="2026-01-05", endDate="2026-05-30", parentSourcedId="y",
                schoolYear="2026"),
        ],
        "courses": [row("k1", title="Mathematics", courseCode="MAT", orgSourcedId="d1")],
        "classes": [
            row("c1", title="8.a mathematics", courseSourcedId="k1", classCode="M8A", classType="scheduled",
                schoolSourcedId="s1", termSourcedIds="t1,t2"),
            row("h1", title="8.a", courseSourcedId="k1", classCode="8A", classType="homeroom", schoolSourcedId="s1",
                termSourcedIds="t1,t2"),
            row("c2", title="8.b mathematics", courseSourcedId="k1", classCode="M8B", classType="scheduled",
                schoolSourcedId="s2", termSourcedIds="t1,t2"),
        ],
        "users": [user("u1"), user("u2", grades="8"), user("u3", grades="KG"), user("t1", role="teacher", grades="")],
        "demographics": [
            row("u1", birthDate="2011-02-03", sex="female"), row("t1", birthDate="1980-01-01", sex="male"),
        ],
        "enrollments": [
            enrolled("e1", "u1", beginDate="2025-09-01", endDate="2026-05-30"),
            enrolled("e2", "u1", "h1", beginDate="2025-09-01", endDate="2026-05-30"),
            enrolled("e3", "u2", beginDate="2025-09-01", endDate="2025-11-03"),
            enrolled("e4", "u3", "c2", beginDate="2025-10-06", schoolSourcedId="s2"),
            enrolled("e5", "t1", role="teacher", primary="true"),
        ],
        "lineItems": [
            row("li1", title="Fractions", assignDate="2025-09-20", dueDate="2025-10-01", classSourcedId="c1",
                categorySourcedId="", resultValueMin="0.0", resultValueMax="20.0"),
            row("li2", title="Year test", assignDate="2025-09-20", dueDate="2025-10-02", classSourcedId="c1",
                categorySourcedId="", resultValueMin="0", resultValueMax="100"),
        ],
        "results": [result("r1", "u1", "17"), result("r2", "u1", "85,5", "li2"), result("r3", "u2", "A")],
    }  # fmt: skip


def as_1p2(files: Files) -> Files:
    """Return the export as 1.2 has it: roles in a file of their own."""
    roles = [
        row(f"ro-{person['sourcedId']}", userSourcedId=person["sourcedId"], roleType="primary", role=person["role"],
            beginDate="", endDate="", orgSourcedId="s1", userProfileSourcedId="")
        for person in files["users"]
    ]  # fmt: skip
    users = [{k: v for k, v in person.items() if k not in ("role", "orgSourcedIds")} for person in files["users"]]
    return files | {"users": users, "roles": roles}


def manifest(files: Mapping[str, Any], version: str = "1.1", mode: str = "bulk", **modes: str) -> Rows:
    told = {name: mode if name in files else "absent" for name in (*ALL_FILES, *files)} | modes
    properties = {"manifest.version": "1.0", "oneroster.version": version}
    properties |= {f"file.{name}": how for name, how in told.items()}
    return [{"propertyName": name, "value": value} for name, value in properties.items()]


def write(folder: Path, files: Files, version: str = "1.1", mode: str = "bulk", **modes: str) -> Path:
    """Write an export as a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {"manifest": manifest(files, version, mode, **modes), **files}.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def zipped(folder: Path, target: Path, prefix: str = "") -> Path:
    """Pack a folder's files."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"{prefix}{path.name}")
    return target


def run(tmp_path: Path, files: Files, wanted: Wanted = EXPORTED, dest: str = "in/x", **how: Any) -> ImportReport:
    return import_oneroster(write(tmp_path / "src", files, **how), tmp_path / dest, wanted)


def written(tmp_path: Path, dataset: str, *columns: str, dest: str = "in/x") -> list[tuple[Any, ...]]:
    path = tmp_path / dest / file_name(dataset)
    frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    return frame.select(pl.col(columns).cast(pl.String)).rows() if columns else frame.rows()


def adds_up(report: ImportReport) -> bool:
    return all(
        read == report.rows_used[name] + sum(report.rows_left_out[name].values())
        for name, read in report.rows_read.items()
    )


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
