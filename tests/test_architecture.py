"""The five laws of the house, asserted."""

import ast
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import sqlglot
import yaml

from assets.contracted import asset_key
from assets.queries import SQL, tables_read
from assets.support_list import ORDER
from dashboards.workshop import UNSEEN
from data_contracts.contract import LAYERS, has_contract, keys, load
from data_contracts.rules import check_names
from models.disclosure.events import TOLD as TOLD_EVENTS
from models.synthetic.support import RISKS
from pipelines.commands.support_list import MATTERS_EN
from pipelines.definitions import defs

ROOT = Path(__file__).parent.parent
PACKAGES = ("pipelines", "assets", "models", "data_contracts", "dashboards")
TABLES = [key for layer in LAYERS for key in keys(layer)]
QUERIES = sorted(f"{path.parent.name}.{path.stem}" for path in SQL.glob("*/*.sql"))
BUILT_BY_QUERY = [k for k in TABLES if load(k).setting("builtBy", "query") == "query" and not k.startswith("raw.")]
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def _calls(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def _sql(key: str) -> str:
    layer, name = key.split(".")
    return (SQL / layer / f"{name}.sql").read_text(encoding="utf-8")


# Law 1: one name, five places.


def test_every_table_of_the_graph_has_a_contract_and_every_contract_an_asset():
    in_graph = {tuple(key.path) for key in defs.resolve_asset_graph().get_all_asset_keys()}
    assert in_graph == {tuple(asset_key(key).path) for key in TABLES}


@pytest.mark.parametrize("key", TABLES)
def test_a_contract_bears_its_own_name_everywhere(key: str):
    document = yaml.safe_load((ROOT / "data_contracts" / f"{key.replace('.', '/')}.yaml").read_text(encoding="utf-8"))
    table = document["schema"][0]
    assert [document["id"], f"{document['domain']}.{document['name']}", table["physicalName"]] == [key] * 3
    assert document["apiVersion"].startswith("v3")


def test_every_table_is_built_by_a_query_of_its_name():
    assert sorted(BUILT_BY_QUERY) == [q for q in QUERIES if not q.startswith("raw.")]


@pytest.mark.parametrize("key", QUERIES)
def test_every_query_is_shown_at_work(key: str):
    assert (ROOT / "tests" / "sql" / f"{key.replace('.', '/')}.md").exists()


@pytest.mark.parametrize("key", TABLES)
def test_every_table_has_a_blocking_check_per_rule(key: str):
    specs = [s for s in defs.resolve_asset_graph().asset_check_keys if s.asset_key == asset_key(key)]
    names = {spec.name for spec in specs}
    promised = {name.replace("person_code", "pupil_key") for name, _ in check_names(load(key))}
    assert names <= promised | {"pupil_key_form", "pupil_key_known", "pupil_key_required"}
    assert names


# Law 2: down only (import-linter says the rest in `make check`).


def test_all_published_tables_count_the_same():
    """Each query spells its columns out; a count that one of them lacked would be missing from its pages unseen.

    Small groups show pupils at risk alone.
    """
    counted = {key: [c for c in load(key).column_names if c.startswith("pupils_")] for key in keys("published")}
    small = ("_grade_", "_band_", "school_month", "_group_")
    raw = [c for c in load("risk.group_week_count").column_names if c.startswith("pupils_") and c != "pupils_known"]
    assert counted.pop("published.school_group_month_pupils") == []
    assert counted.pop("published.municipality_month_coverage") == []
    assert [
        counted.pop(f"published.{name}") for name in sorted(TOLD_EVENTS.keys() - {"municipality_month_coverage"})
    ] == [[]] * 6
    assert counted.pop("published.support_funnel") == [
        "pupils_noticed",
        "pupils_spoken_with",
        "pupils_supported",
        "pupils_with_plan",
    ]
    assert counted.pop("published.municipality_month_absence") == ["pupils_with_lessons"]
    assert counted.pop("published.municipality_term_risk") == ["pupils_at_risk_this_term"]
    assert counted.pop("published.municipality_year_risk") == ["pupils_at_risk_this_year"]
    wanted = {key: ["pupils_at_risk"] if any(part in key for part in small) else raw for key in counted}
    assert counted == wanted
    assert list(wanted.values()).count(raw) == 4


def test_support_for_staff_is_never_joined_to_a_pupil():
    """What was said in a supervision is nobody's data, and whom it was about even less."""
    registers = ("staff_support", "consultation_request", "programme_place", "staff_feedback", "municipal_team",
                 "organisation_interest")  # fmt: skip
    about_staff = {f"{layer}.{name}" for layer in ("raw", "core") for name in registers}
    readers = [key for key in QUERIES if about_staff & set(tables_read(_sql(key)))]
    assert {"core.staff_support", "published.topic_demand", "listed.school_staff_support", "listed.staff_feedback"} <= {
        *readers
    }
    for key in readers:
        read = [table for table in tables_read(_sql(key)) if has_contract(table)]
        assert [table for table in read if "pupil_key" in load(table).column_names] == []
        assert not [name for name in load(key).column_names if "pupil" in name or "participant" in name]


def test_the_risks_stand_in_the_same_groups_wherever_they_are_named():
    contract = load("raw.pupil_risk")
    rule = next(p.predicate for p in contract.promises if p.name == "risk_in_group")
    groups = {
        group: set(re.findall(r"'(\w+)'", named))
        for group, named in re.findall(r"when '(\w+)' then risk_code in \(([^)]*)\)", rule)
    }
    assert set(groups) == set(contract.column("risk_group").values)
    assert set().union(*groups.values()) == set(contract.column("risk_code").values)
    assert {group: set(risks) for group, (_, risks) in RISKS.items()} == groups
    visible = {"unexcused_absence", "learning_difficulty", "often_ill"}  # fully or partly seen in absence and marks
    assert {group: set(risks) for group, risks in UNSEEN.items()} == {g: named - visible for g, named in groups.items()}


def test_what_waits_has_an_order_and_words_for_each_kind():
    kinds = set(load("listed.support_matter").column("matter").values)
    assert set(ORDER) == set(MATTERS_EN) == kinds
    assert set(re.findall(r"'(\w+)'(?: else '\w+' end)? as matter", _sql("listed.support_matter"))) <= kinds


def test_a_topic_of_the_closed_list_is_no_other_topic():
    told = set(re.findall(r"'(\w+)'", _sql("core.consultation_request").partition("topic in (")[2].partition(")")[0]))
    known = set(load("core.consultation_request").column("topic_code").values)
    assert told == known - {"other"} == set(load("raw.consultation_request").column("topic").examples)


def test_sql_holds_no_python_and_no_template():
    assert not list(SQL.rglob("*.py"))
    assert all("{{" not in _sql(key) and "{%" not in _sql(key) for key in QUERIES)


@pytest.mark.parametrize("key", QUERIES)
def test_a_query_reads_its_own_and_earlier_layers_only(key: str):
    order = LAYERS.index(key.split(".")[0])
    assert all(LAYERS.index(read.split(".")[0]) <= order for read in tables_read(_sql(key)))


# Law 3: two doors out.


def test_only_the_disclosure_code_makes_a_protected_frame():
    makers = [p for p in SOURCES if "Protected" in _calls(p)]
    assert all("disclosure" in p.parts for p in makers)


def test_only_the_case_list_opens_the_vault():
    readers = [p.name for p in SOURCES if any(call.endswith(".read_vault") for call in _calls(p))]
    assert readers == ["case_list.py"]


# Law 4: two clocks, both arguments.


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_wiring_looks_at_the_wall_clock(path: Path):
    clock = re.compile(r"(date\.today|datetime\.now|datetime\.utcnow|time\.time|time\.localtime)$")
    looked = {call for call in _calls(path) if clock.search(call)}
    assert not looked or path == ROOT / "pipelines" / "clock.py"


@pytest.mark.parametrize("key", QUERIES)
def test_no_query_reads_the_clock(key: str):
    assert not re.search(r"current_date|current_time|now\(\)|today\(\)|localtime", _sql(key).lower())


# Law 5: nothing lost, nothing invented.


def test_the_ledger_promises_to_account_for_every_row():
    promises = {p.name: p.predicate for p in load("raw.delivery").promises}
    assert promises["every_row_accounted"] == "rows_delivered = rows_accepted + rows_quarantined + rows_superseded"


# House style.


@pytest.mark.parametrize("key", QUERIES)
def test_a_query_reads_from_top_to_bottom(key: str):
    text = _sql(key)
    assert text.startswith("-- Grain: ")
    assert not re.search(r"\bselect\s+\*\s+from\s+[\w.]+\s*;?\s*$", text)
    assert not re.search(r"(group|order) by (all|\d)", text)


@pytest.mark.parametrize("key", QUERIES)
def test_a_query_can_be_carried_to_a_cluster(key: str):
    written = sqlglot.transpile(_sql(key), read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    assert len(written) == 1


def test_the_ui_and_dg_read_the_same_code_location():
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    module = workspace["load_from"][0]["python_module"]["module_name"]
    assert module == project["dg"]["project"]["code_location_target_module"]
    assert "dagster" not in project


def test_no_dependency_brings_a_package_of_our_names():
    owners = packages_distributions()
    assert all(set(owners.get(name, ["pumpurs"])) == {"pumpurs"} for name in (*PACKAGES, "sql"))


def test_the_lock_names_versions_and_hashes_and_no_address():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    blocks = re.split(r"\n(?=[a-z0-9])", lock)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)
