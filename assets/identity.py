"""Who a pupil key stands for: the secret of the keyed hash, and the encrypted vault of names."""

import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyrage

from assets.home import Home, swap_in, write_text
from models.pseudonym import pupil_keys

_KEY_FILE = "pseudonym.key"
_VAULT_FILE = "vault.key"
_MARK_FILE = "key.mark"


def _secret(folder: Path, name: str, fresh: str) -> str:
    """Read a secret, made once with permissions for its owner alone."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(fresh, encoding="ascii")
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
        key = bytes.fromhex(_secret(self.home.secrets, _KEY_FILE, secrets.token_hex(32)))
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

    def _vault_key(self) -> pyrage.x25519.Identity:
        fresh = str(pyrage.x25519.Identity.generate())
        return pyrage.x25519.Identity.from_str(_secret(self.home.secrets, _VAULT_FILE, fresh))

    def learn(self, connection: duckdb.DuckDBPyConnection, relation: str, column: str) -> None:
        """Add the personal codes of a relation to the session's table known_identity."""
        connection.execute(
            "create temp table if not exists known_identity"
            " (code_text varchar primary key, pupil_key varchar, is_known_pupil boolean)"
        )
        text = f"replace(nullif(trim({column}::varchar), ''), '-', '')"
        unseen = connection.sql(
            f"select distinct {text} as code_text from {relation} as delivered where {text} is not null"
            f" and {text} not in (select code_text from known_identity)"
        ).fetchall()
        if not unseen:
            return
        import pyarrow

        codes = [row[0] for row in unseen]
        hashed = pyarrow.table({"code_text": codes, "pupil_key": pupil_keys(codes, self.secret())})
        connection.register("hashed_codes", hashed)
        connection.execute(
            "insert into known_identity select code_text, pupil_key, pupil_key in"
            " (select known_pupil.pupil_key from known_pupil) from hashed_codes"
        )
        connection.unregister("hashed_codes")

    def read_vault(self) -> dict[str, Person]:
        """Open the vault: pupil key to identity. The case list alone may call this."""
        people: dict[str, Person] = {}
        for path in sorted(self.home.vault.glob("*.age")):
            plain = self._unsealed(path)
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

    def remember(self, delivery_id: str, moment: str, people: dict[str, Person]) -> None:
        """Seal the identities that a delivery brought in a file of their own; later deliveries are read later."""
        self.home.vault.mkdir(parents=True, exist_ok=True, mode=0o700)
        fields = {key: [p.person_code, p.given_name, p.family_name] for key, p in sorted(people.items())}
        sealed = pyrage.encrypt(json.dumps(fields).encode(), [self._vault_key().to_public()])
        final = self.home.vault / f"{moment}.{delivery_id}.age"
        temporary = final.with_name(f".{final.name}.part")
        temporary.write_bytes(sealed)
        swap_in(temporary, final)
