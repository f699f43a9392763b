"""What lies in a delivery folder besides files of rows: links, pipes, folders, archives, files of other names."""

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.assets.dirty.kind import Kind, Spot, refused
from tests.assets.kit import mark

LINK = refused("is a link to somewhere else")


def beside(spot: Spot) -> dict[str, Any]:
    """Deliver a good file of another dataset, which must be taken in whatever lies beside it."""
    return {"mark.csv": [mark(2, "8", mark_date=spot.day)]}


def linked(target: str, name: str = "attendance.csv") -> Callable[[Path], None]:
    """Put a link beside the good file: to a file of the folder, the folder itself, outside, or nowhere."""

    def put(folder: Path) -> None:
        outside = folder.parent.parent.parent / f"outside-{folder.name}.csv"
        outside.write_text("person_code\n320000-00001\n", encoding="utf-8")
        targets = {"file": folder / "mark.csv", "folder": folder, "outside": outside, "nowhere": folder / "gone.csv"}
        (folder / name).symlink_to(targets[target])

    return put


def zipped(spot: Spot) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../attendance.csv", spot.table())
    return out.getvalue()


def piped(folder: Path) -> None:
    os.mkfifo(folder / "attendance.csv")


def foldered(folder: Path) -> None:
    (folder / "attendance.csv").mkdir()


def moved(folder: Path) -> None:
    """Move the folder away, and leave a link to it."""
    away = folder.parent.parent.parent / f"away-{folder.name}"
    folder.rename(away)
    folder.symlink_to(away)


def note_piped(folder: Path) -> None:
    (folder / "delivery.yaml").unlink()
    os.mkfifo(folder / "delivery.yaml")


def note_linked(folder: Path) -> None:
    away = folder.parent.parent.parent / f"note-{folder.name}.yaml"
    (folder / "delivery.yaml").rename(away)
    (folder / "delivery.yaml").symlink_to(away)


KINDS = [
    Kind("zip", "ZIP arhīvs", "a ZIP archive", lambda s: beside(s) | {"attendance.zip": zipped(s)},
         refused("it is an archive; unpack it"), "attendance.zip", do="unpacked"),
    Kind("link-file", "saite uz failu", "a link to a file", beside, LINK, "attendance.csv", linked("file"), "link"),
    Kind("link-folder", "saite uz mapi", "a link to a folder", beside, LINK, "attendance.csv", linked("folder"),
         "link"),
    Kind("link-outside", "saite ārpus mapes", "a link to outside", beside, LINK, "attendance.csv", linked("outside"),
         "link"),
    Kind("link-nowhere", "saite uz nekurieni", "a dangling link", beside, LINK, "attendance.csv", linked("nowhere"),
         "link"),
    Kind("pipe-file", "caurule (FIFO)", "a pipe (FIFO)", beside, refused("it is no ordinary file"), "attendance.csv",
         piped, "link"),
    Kind("folder-as-file", "mape ar faila nosaukumu", "a folder called attendance.csv", beside,
         refused("it is a folder"),
         "attendance.csv", foldered, "link"),
    Kind("xls", "vecais Excel formāts", "the old format of Excel", lambda s: beside(s) | {"attendance.xls": b"x"},
         refused("no dataset is called so"), "attendance.xls", do="name"),
    Kind("misspelt", "kļūda faila nosaukumā", "a misspelt name", lambda s: beside(s) | {"attendence.csv": s.table()},
         refused("no dataset is called so", 2), "attendence.csv", do="name"),
    Kind("two-files", "divi faili vienai datu kopai", "two files of one dataset",
         lambda s: beside(s) | {"attendance.csv": s.table(), "attendance.xlsx": b"x"},
         refused("two files for dataset attendance"), "", do="name"),
    Kind("folder-link", "piegādes mape ir saite", "the delivery folder is a link", beside, LINK, "", moved, "link"),
    Kind("note-link", "delivery.yaml ir saite", "delivery.yaml is a link", beside, LINK, "", note_linked, "link"),
    Kind("note-pipe", "delivery.yaml ir caurule", "delivery.yaml is a pipe", beside,
         refused("it is no ordinary file"), "",
         note_piped, "link"),
]  # fmt: skip
