"""Who a pupil key stands for: the secret of the keyed hash, and the encrypted vault of names."""

import hmac
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb

from assets.home import Home, swap_in, write_text
from data_contracts.person_code import fault
from models.delivery import ZONE, Delivery
from models.pseudonym import pupil_keys

# The library is compiled and tells a type checker nothing of itself.
pyrage: Any = import_module("pyrage")

_KEY_FILE = "pseudonym.key"
_VAULT_FILE = "vault.key"
_MARK_FILE = "key.mark"
_KEY_BYTES = 32
_MOMENT = "%Y%m%dT%H%M%S%f"


def _turn(name: str) -> tuple[str, str]:
    """Return moment and delivery of a vault file: its place in the order of delivery."""
    moment, delivery = name.removesuffix(".age").split(".", 1)
    return moment.ljust(21, "0"), delivery


def _sealed_on(name: str) -> date:
    """Return the day of delivery of a vault file, in Latvian time."""
    return datetime.strptime(_turn(name)[0], _MOMENT).replace(tzinfo=UTC).astimezone(ZONE).date()


def _secret(folder: Path, name: str, fresh: str) -> str:
    """Read a secret, made once and whole, with permissions for its owner alone."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{name}.part")
        temporary.touch(mode=0o600)
        temporary.write_text(fresh, encoding="ascii")
        swap_in(temporary, path)
    return path.read_text(encoding="ascii").strip()


class WrongKey(Exception):
    """The secrets at hand are not those the home folder was made with."""


@dataclass(frozen=True)
class Person:
    """The identity behind a pupil key."""

    person_code: str
    given_name: str
    family_name: str


@dataclass(frozen=True)
class Identity:
    """The keyed hash and the vault of one home folder."""

    home: Home

    def secret(self) -> bytes:
        """Return the key of the pseudonym hash; it lives outside the home folder, which only knows its mark."""
        self._refuse_lost(_KEY_FILE, (self.home.root / _MARK_FILE).exists())
        text = _secret(self.home.secrets, _KEY_FILE, secrets.token_hex(_KEY_BYTES))
        if not re.fullmatch(f"[0-9a-f]{{{2 * _KEY_BYTES}}}", text):
            raise WrongKey(f"{self.home.secrets / _KEY_FILE} does not hold a whole key; restore it from its copy")
        key = bytes.fromhex(text)
        mark = hmac.digest(key, b"pumpurs key mark", "sha256").hex()[:16]
        known = self.home.root / _MARK_FILE
        if not known.exists():
            write_text(known, mark + "\n")
        if known.read_text(encoding="ascii").strip() != mark:
            raise WrongKey(
                f"{self.home.root} was made with another pseudonym key than the one in {self.home.secrets}: every pupil"
                " would get a second key; set PUMPURS_SECRETS to the folder with the first key"
            )
        return key

    def _refuse_lost(self, name: str, is_needed: bool) -> None:
        """Refuse to make a new secret for a home that was made with one: the old names could never be read again."""
        if is_needed and not (self.home.secrets / name).exists():
            raise WrongKey(
                f"{self.home.secrets / name} is missing, and {self.home.root} was made with it; restore it, or set"
                " PUMPURS_SECRETS to the folder that holds it"
            )

    def _vault_key(self) -> Any:
        self._refuse_lost(_VAULT_FILE, any(self.home.vault.glob("*.age")))
        fresh = str(pyrage.x25519.Identity.generate())
        return pyrage.x25519.Identity.from_str(_secret(self.home.secrets, _VAULT_FILE, fresh))

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Create the session's table known_identity: pupil keys by personal code, gone with the session."""
        connection.execute(
            "create or replace temp table known_identity"
            " (code_text varchar primary key, pupil_key varchar, pupil_since date, code_fault varchar)"
        )

    def learn(self, connection: duckdb.DuckDBPyConnection, relation: str, column: str) -> None:
        """Add the personal codes of a relation to the session's table known_identity, beside known_pupil."""
        text = "replace(nullif(trim(delivered.code::varchar), ''), '-', '')"
        # Distinct before it is cleaned, as a step of its own: a month has millions of rows and thousands of codes.
        distinct = f"select distinct {column} as code from {relation} as delivered"
        connection.execute(f"create or replace temp table told_code as {distinct}")
        unseen = connection.execute(
            f"select distinct {text} as code_text from told_code as delivered"
            f" where {text} is not null and {text} not in (select known.code_text from known_identity as known)"
        ).fetchall()
        if not unseen:
            return
        import pyarrow

        codes = [row[0] for row in unseen]
        hashed = pyarrow.table({"code_text": codes, "pupil_key": pupil_keys(codes, self.secret())})
        connection.register("hashed_codes", hashed)
        connection.execute(
            f"insert into known_identity select code_text, pupil_key, known_pupil.since, {fault('code_text')}"
            " from hashed_codes left join known_pupil using (pupil_key)"
        )
        connection.unregister("hashed_codes")

    def vault_files(self, known_on: date) -> list[str]:
        """Name the vault's files that had been delivered by a day, in the order of delivery."""
        names = (path.name for path in self.home.vault.glob("*.age"))
        return sorted((name for name in names if _sealed_on(name) <= known_on), key=_turn)

    def read_vault(self, names: Iterable[str] | None = None) -> dict[str, Person]:
        """Open the vault, or those of its files that are named: pupil key to identity. The case list alone may."""
        people: dict[str, Person] = {}
        for name in self.vault_files(date.max) if names is None else names:
            path = self.home.vault / name
            # A file that was erased by right stays erased, however old the list.
            plain = self._unsealed(path) if path.exists() else b"{}"
            people |= {key: Person(*fields) for key, fields in json.loads(plain).items()}
        return people

    def _unsealed(self, path: Path) -> bytes:
        try:
            return pyrage.decrypt(path.read_bytes(), [self._vault_key()])
        except pyrage.DecryptError:
            raise WrongKey(
                f"the vault file {path.name} does not open with the key in {self.home.secrets}; set PUMPURS_SECRETS to"
                " the folder with the key it was sealed with"
            ) from None

    def remember(self, delivery: Delivery, people: dict[str, Person]) -> None:
        """Seal the identities that a delivery brought in a file of their own; later deliveries are read later."""
        if not people:
            return
        self.home.vault.mkdir(parents=True, exist_ok=True, mode=0o700)
        fields = {key: [p.person_code, p.given_name, p.family_name] for key, p in sorted(people.items())}
        sealed = pyrage.encrypt(json.dumps(fields).encode(), [self._vault_key().to_public()])
        moment = delivery.delivered_on.astimezone(UTC).strftime(_MOMENT)
        final = self.home.vault / f"{moment}.{delivery.delivery_id}.age"
        temporary = final.with_name(f".{final.name}.part")
        temporary.write_bytes(sealed)
        swap_in(temporary, final)
