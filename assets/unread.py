"""What lies in landing and was not taken in: refused folders, folders without a note, corrections of nothing."""

from collections.abc import Iterator
from pathlib import Path

from assets.landing import NOTE, Arrived, arrivals


def refusals(landing: Path) -> list[str]:
    """Say of every refused folder why it is refused."""
    return [f"{a.folder.name}: {a.refusal}" for a in arrivals(landing) if a.refusal]


def remarks(landing: Path) -> list[str]:
    """Say what else an analyst should know: folders that nobody reads yet, and corrections of what is not there."""
    return [*_without_note(landing), *_corrects_nothing(list(arrivals(landing)))]


def _without_note(landing: Path) -> Iterator[str]:
    folders = sorted(path for path in landing.glob("*/*") if path.is_dir()) if landing.exists() else []
    for folder in folders:
        is_hidden = folder.name.startswith(".") or folder.parent.name.startswith(".")
        if not is_hidden and not (folder / NOTE).exists() and not any(folder.glob(f"*/{NOTE}")):
            yield f"{folder.parent.name}/{folder.name}: not read, it has no {NOTE}; write it when all files are there"


def _corrects_nothing(arrived: list[Arrived]) -> Iterator[str]:
    known = {one.delivery.delivery_id for one in arrived if one.delivery}
    for delivery in (one.delivery for one in arrived if one.delivery):
        named = {f"{delivery.source}.{folder}" for note in delivery.notes for folder in note.corrects}
        if named - known:
            yield (
                f"{delivery.delivery_id}: `corrects` names {len(named - known)} folder(s) that {delivery.source} never"
                " delivered; nothing was cleared by it, correct the name and deliver in a new folder"
            )
