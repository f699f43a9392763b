"""As delivered: every dataset of every delivery, judged row by row, and the ledger of what became of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg

from assets import lake
from assets.cleared import clear_corrected
from assets.contracted import arguments, kept
from assets.intake import Intake, intake_of, refuse
from assets.landing import Arrived, DeliveredFile, arrivals, newest_delivery, safe_name, why_unknown
from assets.ledger import Entry, Ledger, entry_of
from assets.leftovers import remove_unregistered
from assets.manifest import write_sums
from assets.pictures import pictured
from assets.quarantine import write_reports
from assets.slices import forget_unpromised
from assets.stage import stage
from assets.stand import Stand
from assets.told import tell_weeks
from assets.views import stand_on
from assets.waiting import EVER, correct_days, retry_waiting
from assets.warehouse import Built, Warehouse
from data_contracts.contract import Contract, load
from data_contracts.contract import delivered as delivered_keys
from data_contracts.intake import accepted

DELIVERED = delivered_keys()


def referenced(contract: Contract) -> list[str]:
    """Name the raw tables whose values the contract refers to; a pupil is known by any code, former or new."""
    tables = {c.references.table for c in contract.columns if c.references}
    return sorted(tables | ({"raw.person_code_change"} if "raw.pupil" in tables else set()))


def _files(dataset: str, arrived: Iterable[Arrived]) -> Iterable[DeliveredFile]:
    """Yield the files of a dataset, the earliest delivered first, and those that a delivery names but lacks."""
    for one in arrived:
        if one.delivery and (dataset in one.files or any(n.dataset == dataset for n in one.delivery.notes)):
            yield DeliveredFile(one.delivery, dataset, one.files.get(dataset, one.folder / dataset))


def take_new(intake: Intake, arrived: Iterable[Arrived]) -> list[Entry]:
    """Take in every file of the dataset that the ledger does not know yet, in the order of delivery."""
    known, taken = intake.ledger.entries(), []
    for file in _files(intake.contract.name, arrived):
        try:
            taken += _look_at(intake, file, known)
        except OSError as error:
            if str(error.filename) != str(file.path):
                raise
            taken += _note_unreadable(intake, file, known, type(error).__name__)
        known |= {entry.delivery_id: entry for entry in taken}
    return taken


def _look_at(intake: Intake, file: DeliveredFile, known: dict[str, Entry]) -> list[Entry]:
    """Take in a file that is new, was refused for what it was before, or changed; return what was entered."""
    entry = known.get(file.delivery.delivery_id)
    if entry is None or (entry.status == "refused" and not entry.is_of(file)):
        return _take(intake, file, known)
    if file.is_there and not entry.is_of(file):
        return _note_change(intake, file, known)
    if file.is_there and entry.stamp != file.stamp:
        intake.ledger.note_stamp(file)
    return []


def _note_unreadable(intake: Intake, file: DeliveredFile, known: dict[str, Entry], kind: str) -> list[Entry]:
    """Enter a file that cannot be read as refused; of one that was taken in before, what was taken in stands."""
    entry = known.get(file.delivery.delivery_id)
    if entry and entry.status != "refused":
        return []
    reason = f"it cannot be read ({kind}); give permission to read it, and run again"
    return [intake.refuse(file, f"{file.path.name}: {reason}", is_read=False)]


def _take(intake: Intake, file: DeliveredFile, known: dict[str, Entry]) -> list[Entry]:
    """Take in a file, unless an earlier delivery says the same; of two that say the same, the earlier one counts."""
    version, fresh = file.delivery.version, entry_of(file)
    same = [entry for entry in known.values() if entry.status != "refused" and entry.repeats(fresh)]
    first = next((e for e in same if e.status != "duplicate" and e.delivery.version < version), None)
    if first:
        return [intake.skip(file, first)]
    return intake.take(file, same)


def _note_change(intake: Intake, file: DeliveredFile, known: dict[str, Entry]) -> list[Entry]:
    """Enter a file whose content changed after it was taken in as refused: what was taken in stands."""
    mark = hashlib.sha256(f"{file.sha256} {file.note.meaning()} {file.delivery.version}".encode()).hexdigest()[:8]
    changed = replace(file.delivery, delivery_id=f"{file.delivery.delivery_id}.changed-{mark}")
    if changed.delivery_id in known:
        return []
    reason = "it or its delivery.yaml changed after it was taken in; what came first stands; deliver it in a new folder"
    return [intake.refuse(DeliveredFile(changed, file.dataset, file.path), f"{file.path.name}: {reason}")]


def take_in(warehouse: Warehouse, key: str) -> Built:
    """Take in all new deliveries of a dataset and prove the accepted rows."""
    with stage(key) as measured, warehouse.connect() as connection:
        intake = intake_of(connection, warehouse.home, key)
        intake.know_references()
        references = [table.split(".")[1] for table in referenced(intake.contract)]
        taken = take_new(intake, list(arrivals(warehouse.home.landing)))
        retry_waiting(intake, references)
        correct_days(intake, references)
        clear_corrected(intake)
        intake.ledger.count_withdrawn()
        lake.expose(connection, warehouse.home, key, EVER)
        measured.rows = sum(entry.rows_delivered for entry in taken)
        return intake.built()


def delivered(key: str) -> dg.AssetsDefinition:
    """Define the asset of a delivered dataset."""
    contract = load(key)

    @dg.asset(
        **arguments(key, [r for r in referenced(contract) if r != key], {"parquet", "duckdb"}, accepted(contract))
    )
    def taken_in(warehouse: dg.ResourceParam[Warehouse]) -> Iterable[Any]:
        yield from kept(lambda: take_in(warehouse, key))

    return taken_in


attendance_code = delivered("raw.attendance_code")
exit_status_code = delivered("raw.exit_status_code")
municipality = delivered("raw.municipality")
institution = delivered("raw.institution")
calendar_day = delivered("raw.calendar_day")
pupil = delivered("raw.pupil")
person_code_change = delivered("raw.person_code_change")
enrolment = delivered("raw.enrolment")
lesson = delivered("raw.lesson")
attendance = delivered("raw.attendance")
mark = delivered("raw.mark")
period_mark = delivered("raw.period_mark")
support_plan = delivered("raw.support_plan")
support_measure = delivered("raw.support_measure")
staff_support = delivered("raw.staff_support")
consultation_request = delivered("raw.consultation_request")
role_assignment = delivered("raw.role_assignment")
pupil_risk = delivered("raw.pupil_risk")
support_case = delivered("raw.support_case")
case_party = delivered("raw.case_party")
hand_over = delivered("raw.hand_over")
plan_approval = delivered("raw.plan_approval")
municipal_team = delivered("raw.municipal_team")
programme_place = delivered("raw.programme_place")
youth_project = delivered("raw.youth_project")
problem_situation = delivered("raw.problem_situation")
organisation_interest = delivered("raw.organisation_interest")
staff_feedback = delivered("raw.staff_feedback")
topic_choice = delivered("raw.topic_choice")
programme = delivered("raw.programme")


def _told_apart(path: Path) -> str:
    """Name a file that is not read so that no dataset and no other file bears the name."""
    shown = safe_name(path)
    is_its_own = shown == path.name and f"raw.{shown}" not in DELIVERED
    return shown if is_its_own else f"{shown}.{hashlib.sha256(path.name.encode()).hexdigest()[:6]}"


def _refuse_unknown(warehouse: Warehouse) -> None:
    """Enter the files that bear no dataset's name, so that none is passed over in silence."""
    found = [(a.delivery, path) for a in arrivals(warehouse.home.landing) if a.delivery for path in a.unknown]
    if not found:
        return
    with warehouse.connect() as connection:
        for delivery, path in found:
            shown = _told_apart(path)
            ledger, file = Ledger(connection, shown), DeliveredFile(delivery, shown, path)
            if delivery.delivery_id not in ledger.entries():
                refuse(ledger, file, f"{shown}: {why_unknown(path)}")


def close_intake(warehouse: Warehouse, known_on: date) -> Built:
    """Build the ledger, write the reports to the senders, and let every raw view stand on the same day."""
    _refuse_unknown(warehouse)
    built = warehouse.build("raw.delivery")
    with warehouse.connect() as connection:
        forget_unpromised(connection)
        stand_on(connection, warehouse.home, known_on)
        write_sums(connection, warehouse.home)
        tell_weeks(connection, warehouse.home, known_on)
        write_reports(connection, warehouse.home)
        remove_unregistered(connection, warehouse.home)
    return built


@dg.asset(**arguments("raw.delivery", DELIVERED, {"duckdb", "sql"}))
def delivery(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse], stand: Stand) -> Iterable[Any]:
    """Close the intake: the ledger, exact to the row."""
    known_on = stand.days(newest_delivery(warehouse.home.landing)).known_on
    yield from kept(lambda: close_intake(warehouse, known_on), lambda: pictured(context, "raw.delivery", warehouse))
