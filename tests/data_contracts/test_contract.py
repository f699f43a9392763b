"""Contracts as they are read: every one of them, and one made for the test."""

from typing import Any

import pytest

from data_contracts.contract import LAYERS, Contract, Reference, delivered, has_contract, keys, load, parse
from data_contracts.intake import accepted, is_kept
from tests.assets.kit import ORDER

DOCUMENT: dict[str, Any] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "core.thing",
    "name": "thing",
    "version": "1.2.0",
    "status": "active",
    "domain": "core",
    "description": {"purpose": "Why.", "usage": "How.", "limitations": "Not."},
    "team": {"name": "somebody"},
    "schema": [
        {
            "name": "thing",
            "physicalType": "table",
            "businessName": "lieta",
            "dataGranularityDescription": "one row per thing",
            "customProperties": [{"property": "isDelivered", "value": False}],
            "properties": [
                {
                    "name": "day",
                    "logicalType": "date",
                    "physicalType": "date",
                    "primaryKey": True,
                    "primaryKeyPosition": 2,
                },
                {
                    "name": "kind",
                    "logicalType": "string",
                    "physicalType": "varchar",
                    "primaryKey": True,
                    "primaryKeyPosition": 1,
                    "required": True,
                    "enum": [{"value": "a", "label": "ā"}, {"value": "b"}],
                    "relationships": [{"type": "foreignKey", "to": "other.kind"}],
                    "synonyms": [{"synonym": "veids"}],
                    "tags": ["vault"],
                },
                {"name": "size", "logicalType": "integer", "logicalTypeOptions": {"minimum": 0, "maximum": 9}},
            ],
            "quality": [
                {"name": "small", "type": "custom", "engine": "row", "implementation": "size < 9"},
                {"name": "none_odd", "type": "sql", "query": "select count(*) from core.thing where size % 2 = 1"},
            ],
        }
    ],
}


@pytest.fixture
def thing() -> Contract:
    return parse(DOCUMENT)


def test_a_contract_is_read_from_its_document(thing: Contract):
    assert (thing.key, thing.version, thing.owner, thing.label_lv) == ("core.thing", "1.2.0", "somebody", "lieta")
    assert (thing.purpose, thing.usage, thing.limitations) == ("Why.", "How.", "Not.")
    assert thing.natural_key == ("kind", "day")
    assert thing.column_names == ("day", "kind", "size")
    assert thing.setting("isDelivered") is False
    assert thing.setting("nothing", 3) == 3
    assert [(p.name, p.predicate, p.query) for p in thing.promises] == [
        ("small", "size < 9", None),
        ("none_odd", None, "select count(*) from core.thing where size % 2 = 1"),
    ]


def test_a_column_is_read_with_its_promises(thing: Contract):
    kind, size = thing.column("kind"), thing.column("size")
    assert (kind.required, kind.values, kind.value_labels) == (True, ("a", "b"), ("ā", None))
    assert (kind.references, kind.aliases, kind.tags) == (Reference("core.other", "kind"), ("veids",), {"vault"})
    assert (size.type, size.minimum, size.maximum, size.label_lv) == ("varchar", 0, 9, "size")
    with pytest.raises(KeyError, match=r"core.thing has no column weight"):
        thing.column("weight")


@pytest.mark.parametrize("key", [key for layer in LAYERS for key in keys(layer)])
def test_every_contract_can_be_read(key: str):
    contract = load(key)
    assert contract.key == key
    assert has_contract(key)
    assert all(c.label_lv and c.description and c.type for c in contract.columns)
    assert len(set(contract.column_names)) == len(contract.columns)
    assert not has_contract(f"{key}_of_nothing")


def test_the_delivered_datasets_are_taken_in_after_what_they_refer_to():
    assert sorted(delivered()) == sorted(f"raw.{name}" for name in ORDER)
    for place, name in enumerate(ORDER):
        referred = {c.references.table for c in load(f"raw.{name}").columns if c.references}
        assert referred <= {f"raw.{earlier}" for earlier in ORDER[:place]}


@pytest.mark.parametrize("key", delivered())
def test_no_header_may_mean_two_columns(key: str):
    contract = load(key)
    headers = [name.lower() for c in contract.columns for name in {c.name, *c.aliases}]
    assert len(headers) == len(set(headers))


@pytest.mark.parametrize("key", delivered())
def test_what_is_accepted_holds_no_person(key: str):
    contract = accepted(load(key))
    assert not {"person_code", "given_name", "family_name", "programme_code"} & set(contract.column_names)
    assert all(not c.encrypted_name for c in contract.columns if c.name == "pupil_key" and not c.pattern)
    assert all(c.pattern for c in contract.columns if c.name == "pupil_key")
    assert contract.natural_key, "a correction needs a key"


def test_names_and_what_is_not_needed_are_not_kept():
    kept = {c.name: is_kept(c) for key in ("raw.pupil", "raw.enrolment") for c in load(key).columns}
    assert (kept["given_name"], kept["family_name"], kept["programme_code"]) == (False, False, False)
    assert (kept["person_code"], kept["birth_date"], kept["grade"]) == (True, True, True)
