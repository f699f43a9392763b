"""Names stay in the vault and personal codes with the quarantined row: nothing else of the home holds them."""

import io
import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from assets.home import Home
from assets.identity import Identity, Person, WrongKey
from models.pseudonym import pupil_key
from tests.assets.kit import Country, absence, as_csv, code_of, enrolment, mark, pupil

GIVEN, FAMILY, SECRET_NO = "Zilgalvīte", "Vārdnepateica", 77
SECRETS = [GIVEN, FAMILY, code_of(SECRET_NO), code_of(SECRET_NO).replace("-", "")]
FORMS = [secret.encode(form) for secret in SECRETS for form in ("utf-8", "cp1257", "utf-16-le")]


def holding(folder: Path, *left_out: str) -> set[str]:
    """Name the files below a folder that hold a planted name or code, whatever the encoding."""
    files = (path for path in folder.rglob("*") if path.is_file() and not any(part in left_out for part in path.parts))
    return {str(path.relative_to(folder)) for path in files if any(secret in path.read_bytes() for secret in FORMS)}


@pytest.fixture(scope="module")
def log() -> Iterator[io.StringIO]:
    """Give all that is logged while these tests run."""
    told, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(told), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield told
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(scope="module")
def planted(registered: Country, tmp_path_factory: pytest.TempPathFactory, log: io.StringIO) -> Country:
    """Plant a pupil whose rows take every way through the intake: stored, repeated, waiting, refused, retried."""
    country = registered.copy(tmp_path_factory.mktemp("planted") / "home")
    person = pupil(SECRET_NO, GIVEN, FAMILY)
    country.deliver(
        "early", {"attendance": [absence(SECRET_NO), absence(SECRET_NO, lesson=2, code="zz")]}, on="2024-09-08"
    )
    country.take_in("attendance")
    country.deliver("a", {"pupil": [person, person], "enrolment": [enrolment(SECRET_NO)]}, on="2024-09-10")
    country.deliver("b", {"pupil.xlsx": b"PK", "enrolment": [enrolment(SECRET_NO, grade=99)]}, on="2024-09-11")
    country.deliver(
        "c", {"pupil": as_csv([person]).encode("utf-16"), "mark": [mark(SECRET_NO, "abc")]}, on="2024-09-12"
    )
    country.deliver("d", {"pupil": as_csv([person]) + f"{GIVEN},{FAMILY}\n"}, on="2024-09-13")
    country.deliver("e", {"pupil.parquet": [person | {GIVEN: FAMILY}]}, on="2024-09-14")
    bare = {"person_code": code_of(SECRET_NO), "given_name": GIVEN, "family_name": FAMILY}
    country.deliver("f", {"pupil": f"{GIVEN};{FAMILY}\n{code_of(SECRET_NO)};x\n"}, on="2024-09-15")
    country.deliver("g", {"pupil": [bare | {"sex": FAMILY}]}, on="2024-09-16")
    country.take_in("pupil", "enrolment", "attendance", "mark")
    return country


def test_names_and_codes_are_nowhere_but_where_they_were_delivered(planted: Country, log: io.StringIO):
    found = holding(planted.home.root, "landing")
    assert all(path.startswith("quarantine/") and path.endswith(".parquet") for path in found), found
    assert found, "rows that wait are kept as they were delivered"
    assert not any(secret in log.getvalue() for secret in SECRETS)


def test_what_is_found_would_be_found(planted: Country):
    assert holding(planted.home.landing), "the search sees what was delivered"


def test_the_warehouse_holds_no_personal_code_in_any_column(planted: Country):
    tables = planted.query("select table_schema || '.' || table_name from information_schema.tables")
    for (table,) in tables:
        text = repr(planted.query(f"select * from {table}"))
        assert not any(secret in text for secret in SECRETS), table


def test_lake_parts_hold_no_personal_code_even_compressed(planted: Country):
    for path in planted.home.lake.rglob("*.parquet"):
        frame = pl.read_parquet(path)
        assert not {"person_code", "given_name", "family_name"} & set(frame.columns)
        text = repr(frame.rows())
        assert not any(secret in text for secret in SECRETS), path


def test_reports_hold_no_value(planted: Country):
    for path in planted.home.quarantine.rglob("report.csv"):
        text = path.read_text(encoding="utf-8")
        assert not any(secret in text for secret in SECRETS)
        assert not any(cell.startswith(("=", "+", "-", "@")) for line in text.splitlines() for cell in line.split(","))


def test_the_vault_opens_to_the_names(planted: Country):
    identity = Identity(planted.home)
    people = identity.read_vault()
    key = pupil_key(code_of(SECRET_NO), identity.secret())
    assert people[key] == Person(code_of(SECRET_NO).replace("-", ""), GIVEN, FAMILY)
    assert planted.rows("pupil_key", "attendance") == [(key,)]


def test_the_newest_name_counts_whatever_the_order(country: Country):
    country.deliver("new", {"pupil": [pupil(1, "Jaunā")]}, on="2024-09-20")
    country.take_in("pupil")
    country.deliver("old", {"pupil": [pupil(1, "Vecā")]}, on="2024-09-10")
    country.take_in("pupil")
    identity = Identity(country.home)
    assert identity.read_vault()[pupil_key(code_of(1), identity.secret())].given_name == "Jaunā"


def test_rows_that_are_set_aside_name_nobody(country: Country):
    country.deliver("a", {"pupil": [pupil(31, "Pirmā"), pupil(31, "Otrā"), pupil(32, "Trešā") | {"sex": "X"}]})
    country.deliver("b", {"pupil": [pupil(1, "Cita")]}, on="2024-09-12", notes={"pupil": {"deleted": True}})
    country.take_in("pupil")
    names = {person.given_name for person in Identity(country.home).read_vault().values()}
    assert names == {"Anna"}


def test_the_secrets_lie_outside_the_home_and_are_their_owners_alone(country: Country):
    files = list(country.home.secrets.iterdir())
    assert {file.name for file in files} == {"pseudonym.key", "vault.key"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert country.home.root not in country.home.secrets.parents


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "ab" * 31])
def test_half_a_key_is_no_key(empty: Country, text: str):
    Identity(empty.home).secret()
    (empty.home.secrets / "pseudonym.key").write_text(text, encoding="ascii")
    with pytest.raises(WrongKey, match="does not hold a whole key"):
        Identity(empty.home).secret()


def test_a_home_made_with_another_key_is_refused(empty: Country, tmp_path: Path):
    Identity(empty.home).secret()
    with pytest.raises(WrongKey, match=r"pseudonym\.key is missing"):
        Identity(Home(empty.home.root, tmp_path / "others")).secret()


def test_a_vault_sealed_with_another_key_is_told(country: Country):
    (country.home.secrets / "vault.key").rename(country.home.secrets / "vault.key.old")
    try:
        with pytest.raises(WrongKey, match=r"vault\.key is missing"):
            Identity(country.home).read_vault()
    finally:
        (country.home.secrets / "vault.key.old").replace(country.home.secrets / "vault.key")


def test_codes_are_learnt_once_each(country: Country):
    with duckdb.connect() as connection:
        connection.execute(f"create table known_pupil as select 'x' as pupil_key, date '{date(2024, 9, 1)}' as since")
        connection.execute(
            "create table told as select unnest(['320000-00001', ' 32000000001 ', '', null, '9']) as code"
        )
        identity = Identity(country.home)
        identity.prepare(connection)
        identity.learn(connection, "told", "code")
        identity.learn(connection, "told", "code")
        found = connection.execute("select code_text, pupil_since from known_identity order by code_text").fetchall()
    assert found == [("32000000001", None), ("9", None)]
