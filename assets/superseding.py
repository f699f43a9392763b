"""Which rows of the lake a newer part replaces, and from which day.

Versions are put in order by the moment of delivery, never by the order of processing: a part that comes late may be
replaced by parts that are there already. What waited when a delivery said that it corrects its folder never counts
again, should what it waited for arrive after all; what it waited for tells by its day, as always.
"""

from assets.lake import SCHOOL, Lake, Part, date_column
from assets.ledger import insert
from assets.manifest import verify
from assets.parts import scan
from data_contracts.intake import accepted, key_expressions
from data_contracts.rules import literal

_KEEP_EARLIEST = """
    on conflict do update set known_to = excluded.known_to, ended_by = excluded.ended_by
    where excluded.known_to < superseded.known_to
        or (excluded.known_to = superseded.known_to and excluded.ended_by < superseded.ended_by)
"""
# Only parts that may hold the same keys are read, or one school's week would cost more with every school.
# Where the first and last are not known, because a key may be empty there, any part may.
_SAME_KEYS = """
    rows > 0
    and ($date_from::date is null or date_from is null or (date_from <= $date_to and date_to >= $date_from))
    and ($school_from::varchar is null or school_from is null
        or (school_from <= $school_to and school_to >= $school_from))
"""
_IN_SCOPE = """
    source = $source and rows > 0
    and ($scope_from::date is null or date_to is null or date_to >= $scope_from)
    and ($scope_to::date is null or date_from is null or date_from <= $scope_to)
    and (len($scope_schools::varchar[]) = 0 or school_from is null
        or (school_from <= list_max($scope_schools::varchar[]) and school_to >= list_min($scope_schools::varchar[])))
"""
_OVER = """
    mode = 'full' and source = $source
    and (scope_from is null or $date_to::date is null or $date_to >= scope_from)
    and (scope_to is null or $date_from::date is null or $date_from <= scope_to)
    and (len(scope_schools) = 0 or $school_from::varchar is null
        or ($school_from <= list_max(scope_schools) and $school_to >= list_min(scope_schools)))
"""
# A part is late if it holds what waited: its rows count from a day after the delivery's own, which opens its version.
_IS_LATE = "known_from > (strptime(version[:15], '%Y%m%dT%H%M%S') at time zone 'UTC' at time zone 'Europe/Riga')::date"
_CORRECTED = f"""
    source = $source and list_contains($folders, delivery_id) and version < $version
    and known_from >= $known_from and {_IS_LATE}
"""
_CORRECTING = """
    source = $source and list_contains(corrects, $folder) and version > $version and known_from <= $known_from
"""


def register(lake: Lake, part: Part) -> None:
    """Make a part of the lake, and register which rows it replaces or is replaced by."""
    insert(lake.connection, "raw.lake_part", part)
    _supersede(lake, part)


def remove(lake: Lake, parts: list[Part]) -> None:
    """Take parts out of the lake, and work out anew which rows of the others are replaced by which."""
    touched = {other.part_no: other for part in parts for other in _neighbours(lake, part)}
    numbers = [part.part_no for part in parts]
    lake.connection.execute("delete from raw.lake_part where list_contains($numbers, part_no)", {"numbers": numbers})
    left = [other for number, other in sorted(touched.items()) if number not in numbers]
    again = [*numbers, *(other.part_no for other in left)]
    lake.connection.execute("delete from raw.superseded where list_contains($again, part_no)", {"again": again})
    for other in left:
        _supersede(lake, other)


def _extents(part: Part) -> dict[str, object]:
    names = ("date_from", "date_to", "school_from", "school_to")
    return {name: getattr(part, name) for name in names}


def _scope(part: Part) -> dict[str, object]:
    return {name: getattr(part, name) for name in ("source", "scope_from", "scope_to", "scope_schools")}


def _sharing(lake: Lake, part: Part) -> list[Part]:
    """List the other parts that may hold the same keys."""
    return (
        lake.parts(f"part_no <> $number and {_SAME_KEYS}", number=part.part_no, **_extents(part)) if part.rows else []
    )


def _under(lake: Lake, part: Part) -> list[Part]:
    """List the other parts that a full delivery may replace rows of, whichever came first."""
    found = lake.parts(f"part_no <> $number and {_IN_SCOPE}", number=part.part_no, **_scope(part))
    return found if part.mode == "full" else []


def _over(lake: Lake, part: Part) -> list[Part]:
    """List the other parts that are full deliveries and may replace rows of this one."""
    told = {"number": part.part_no, "source": part.source, **_extents(part)}
    return lake.parts(f"part_no <> $number and {_OVER}", **told) if part.rows else []


def _corrected(lake: Lake, part: Part) -> list[Part]:
    """List the parts of what still waited when this part's delivery said that it corrects their folder."""
    folders = [f"{part.source}.{folder}" for folder in part.corrects or []]
    return lake.parts(_CORRECTED, folders=folders, **_moment(part)) if folders else []


def _correcting(lake: Lake, part: Part) -> list[Part]:
    """List the parts of deliveries that say they correct this part's folder, if it holds what waited then."""
    is_late = part.rows and lake.parts(f"part_no = $number and {_IS_LATE}", number=part.part_no)
    return lake.parts(_CORRECTING, folder=part.folder, **_moment(part)) if is_late else []


def _moment(part: Part) -> dict[str, object]:
    return {name: getattr(part, name) for name in ("source", "version", "known_from")}


def _neighbours(lake: Lake, part: Part) -> list[Part]:
    """List every other part with which a part may have rows to settle."""
    settled = (_sharing, _under, _over, _corrected, _correcting)
    found = {other.part_no: other for relation in settled for other in relation(lake, part)}
    return [other for _, other in sorted(found.items())]


def _supersede(lake: Lake, part: Part) -> None:
    sharing = _sharing(lake, part)
    verify(lake.home, [(other.path, other.sha256) for other in sharing])
    if sharing:
        _by_key(lake, part, sharing)
    _by_scope(lake, part, [other for other in _under(lake, part) if other.version < part.version])
    for full in _over(lake, part):
        if part.version < full.version:
            _by_scope(lake, full, [part])
    _end(lake, part, _corrected(lake, part), "true")
    for correcting in _correcting(lake, part):
        _end(lake, correcting, [part], "true")


def _by_key(lake: Lake, part: Part, others: list[Part]) -> None:
    keys = key_expressions(accepted(lake.contract))
    key = ", ".join(f"{expression} as key_{i}" for i, expression in enumerate(keys))
    names = ", ".join(f"key_{i}" for i in range(len(keys)))
    # A key that its sender alone gives out means nothing beside another sender's.
    own = ", place.source" if lake.contract.setting("isKeyOfSource") else ""
    lake.connection.execute(
        f"""
        insert into raw.superseded
        with place as (
            select part_no, known_from, source, version, row_number() over (order by version, part_no) as place,
                row_number() over (order by known_from, version, part_no) as turn
            from raw.lake_part where dataset = $dataset
        ),
        fresh as (select {key}, part_no, file_row_number from {scan(lake.home, [part.path])}),
        older as (select {key}, part_no, file_row_number from {scan(lake.home, [o.path for o in others])}),
        met as (select * from older semi join fresh using ({names})),
        versions as (
            select {names}, part_no, file_row_number from met
            union all
            select {names}, part_no, file_row_number from fresh semi join met using ({names})
        ),
        followed as (
            select versions.part_no, file_row_number, min(turn) over (
                partition by {names}{own} order by place rows between 1 following and unbounded following) as ended
            from versions join place on place.part_no = versions.part_no
        )
        select followed.part_no, file_row_number, place.known_from, place.version
        from followed join place on place.turn = followed.ended {_KEEP_EARLIEST}
        """,
        {"dataset": lake.contract.name},
    )


def _by_scope(lake: Lake, full: Part, older: list[Part]) -> None:
    """Apply a full delivery: it replaces everything older that its sender told of its schools and dates."""
    _end(lake, full, older, in_scope(lake, full))


def _end(lake: Lake, by: Part, older: list[Part], condition: str) -> None:
    """Let the rows of older parts that meet a condition end on the day from which another part was known."""
    if not older:
        return
    verify(lake.home, [(other.path, other.sha256) for other in older])
    lake.connection.execute(
        f"insert into raw.superseded select part_no, file_row_number, $known_to, $version"
        f" from {scan(lake.home, [o.path for o in older])} where {condition} {_KEEP_EARLIEST}",
        {"known_to": by.known_from, "version": by.version},
    )


def in_scope(lake: Lake, full: Part) -> str:
    """Write the scope's condition; a limit that the dataset has no column for limits nothing."""
    dated = date_column(lake.contract)
    limits = [f"{SCHOOL} in ({', '.join(literal(s) for s in full.scope_schools)})"] if full.scope_schools else []
    limits += [f"{dated} >= date '{full.scope_from}'"] if dated and full.scope_from else []
    limits += [f"{dated} <= date '{full.scope_to}'"] if dated and full.scope_to else []
    return " and ".join(limits) or "true"
