"""Read the contract of a table: its columns, their types and labels, its rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, SchemaProperty

FOLDER = Path(__file__).parent
LAYERS = ("raw", "core", "risk", "listed", "published")


@dataclass(frozen=True)
class Reference:
    """Another table's column that a value must exist in."""

    table: str
    column: str


@dataclass(frozen=True)
class Column:
    """One column as promised: physical type as DuckDB names it, labels in Latvian and English."""

    name: str
    type: str
    logical: str
    label_lv: str
    description: str
    required: bool = False
    key_position: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    values: tuple[str, ...] = ()
    value_labels: tuple[str | None, ...] = ()
    references: Reference | None = None
    aliases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    encrypted_name: str | None = None
    tags: frozenset[str] = frozenset()

    @property
    def heading(self) -> str:
        """Return what a template calls the column: its label in Latvian, then its name."""
        return f"{self.label_lv} ({self.name})"


@dataclass(frozen=True)
class Promise:
    """A named rule of the contract beyond its columns: a row predicate or a query that must count zero."""

    name: str
    description: str
    predicate: str | None = None
    query: str | None = None


@dataclass(frozen=True)
class Contract:
    """One table's promise. `key` is its name everywhere: asset, DuckDB table, SQL file, examples."""

    layer: str
    name: str
    version: str
    purpose: str
    usage: str
    limitations: str
    label_lv: str
    grain: str
    owner: str
    columns: tuple[Column, ...]
    promises: tuple[Promise, ...]
    properties: tuple[tuple[str, Any], ...] = ()
    is_view: bool = False

    @property
    def key(self) -> str:
        """Layer and name, such as core.pupil."""
        return f"{self.layer}.{self.name}"

    @property
    def natural_key(self) -> tuple[str, ...]:
        """Names of the key columns in key order."""
        keyed = [c for c in self.columns if c.key_position]
        return tuple(c.name for c in sorted(keyed, key=lambda c: c.key_position or 0))

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns in contract order."""
        return tuple(c.name for c in self.columns)

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError if the contract has none."""
        found = next((c for c in self.columns if c.name == name), None)
        if found is None:
            raise KeyError(f"{self.key} has no column {name}")
        return found

    def setting(self, name: str, default: Any = None) -> Any:
        """Return a custom property of the table."""
        return dict(self.properties).get(name, default)


def _reference(prop: SchemaProperty, layer: str) -> Reference | None:
    targets = [str(r.to) for r in prop.relationships or [] if r.type == "foreignKey"]
    if not targets:
        return None
    table, column = targets[0].rsplit(".", 1)
    return Reference(table if "." in table else f"{layer}.{table}", column)


def _column(prop: SchemaProperty, layer: str) -> Column:
    options = prop.logicalTypeOptions or {}
    return Column(
        name=prop.name or "",
        type=prop.physicalType or "varchar",
        logical=prop.logicalType or "string",
        label_lv=prop.businessName or prop.name or "",
        description=prop.description or "",
        required=bool(prop.required),
        key_position=prop.primaryKeyPosition if prop.primaryKey else None,
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        pattern=options.get("pattern"),
        values=tuple(str(e.value) for e in prop.enum or []),
        value_labels=tuple(e.label for e in prop.enum or []),
        references=_reference(prop, layer),
        aliases=tuple(s.synonym or "" for s in prop.synonyms or []),
        examples=tuple(str(e) for e in prop.examples or []),
        encrypted_name=prop.encryptedName,
        tags=frozenset(prop.tags or []),
    )


def _promises(table: SchemaObject) -> tuple[Promise, ...]:
    return tuple(
        Promise(
            name=q.name or "",
            description=q.description or "",
            predicate=str(q.implementation) if q.type == "custom" else None,
            query=q.query if q.type == "sql" else None,
        )
        for q in table.quality or []
    )


def parse(document: dict[str, Any]) -> Contract:
    """Turn an ODCS v3 document with one schema object into a Contract."""
    odcs = OpenDataContractStandard.model_validate(document)
    table = (odcs.schema_ or [])[0]
    team: Any = odcs.team
    return Contract(
        layer=odcs.domain or "",
        name=table.name or "",
        version=odcs.version or "",
        purpose=(odcs.description.purpose if odcs.description else "") or "",
        usage=(odcs.description.usage if odcs.description else "") or "",
        limitations=(odcs.description.limitations if odcs.description else "") or "",
        label_lv=table.businessName or "",
        grain=table.dataGranularityDescription or "",
        owner=getattr(team, "name", None) or "analysts",
        columns=tuple(_column(p, odcs.domain or "") for p in table.properties or []),
        promises=_promises(table),
        properties=tuple((p.property or "", p.value) for p in table.customProperties or []),
        is_view=table.physicalType == "view",
    )


@cache
def load(key: str) -> Contract:
    """Read the contract of `layer.table`; FileNotFoundError if there is none."""
    layer, name = key.split(".", 1)
    text = (FOLDER / layer / f"{name}.yaml").read_text(encoding="utf-8")
    return parse(yaml.load(text, Loader=yaml.CSafeLoader))


def has_contract(key: str) -> bool:
    """Tell whether a table of that name is promised."""
    layer, name = key.split(".", 1)
    return (FOLDER / layer / f"{name}.yaml").exists()


@cache
def delivered() -> tuple[str, ...]:
    """Name the raw tables that deliveries bring, in name order."""
    return tuple(key for key in keys("raw") if load(key).setting("isDelivered", True))


def keys(layer: str) -> Iterator[str]:
    """Yield the keys of a layer's contracts in name order."""
    return (f"{layer}.{path.stem}" for path in sorted((FOLDER / layer).glob("*.yaml")))
