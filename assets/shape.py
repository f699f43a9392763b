"""Whether a file holds every lesson or absences only: its sender must say so, for the rows alone cannot tell."""

from assets.lake import Lake, Part
from assets.parts import scan
from models.delivery import DatasetNote


def unsaid(lake: Lake, note: DatasetNote, part: Part) -> str:
    """Return a note if accepted rows would tell of lessons held, did the delivery say its shape."""
    name = lake.contract.setting("shapedBy")
    if not name or note.shape or note.deleted or not part.rows:
        return ""
    empty = f"select count(*) from {scan(lake.home, [part.path])} where {name} is null"
    rows = int(lake.connection.execute(empty).fetchall()[0][0])
    if not rows:
        return ""
    return (
        f"{rows} row(s) have no code and delivery.yaml says no shape: they take absences back, but do not tell that a"
        " lesson was held; if the file holds every lesson, deliver it again with `shape: roll`"
    )
