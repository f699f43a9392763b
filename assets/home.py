"""The home folder: where everything that a run touches has its place."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """Paths below PUMPURS_HOME, and the folder of secrets outside it."""

    root: Path
    secrets: Path

    @property
    def landing(self) -> Path:
        """Where deliveries arrive."""
        return self.root / "landing"

    @property
    def quarantine(self) -> Path:
        """Where rows wait that broke a promise."""
        return self.root / "quarantine"

    @property
    def lake(self) -> Path:
        """Where accepted rows stay."""
        return self.root / "lake"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file of core, risk and listed."""
        return self.root / "warehouse.duckdb"

    @property
    def releases(self) -> Path:
        """Where published tables stand."""
        return self.root / "releases"

    @property
    def runs(self) -> Path:
        """Where each run leaves its report."""
        return self.root / "runs"

    @property
    def vault(self) -> Path:
        """Encrypted names, one file a delivery, opened by the case list alone."""
        return self.root / "vault"

    @property
    def issued(self) -> Path:
        """Lists as they were issued, one immutable file each."""
        return self.root / "issued"

    @property
    def publications(self) -> Path:
        """What readers of releases have seen, with the true counts."""
        return self.root / "publications"

    @property
    def requested(self) -> Path:
        """Tables that were asked for beside those of every release."""
        return self.root / "requested"

    @property
    def scratch(self) -> Path:
        """Room for spilled queries and half-written files."""
        return self.root / "tmp"

    def prepare(self) -> None:
        """Create the folders that a run writes to; what they hold is for their owner alone."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        for folder in (self.landing, self.quarantine, self.lake, self.releases, self.runs, self.scratch):
            folder.mkdir(parents=True, exist_ok=True)


def swap_in(temporary: Path, final: Path) -> None:
    """Make a finished file visible under its name in one step, safely on disk."""
    with temporary.open("rb") as handle:
        os.fsync(handle.fileno())
    temporary.replace(final)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_text(final: Path, text: str) -> None:
    """Write a text file in one step."""
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = final.with_name(f".{final.name}.part")
    temporary.write_text(text, encoding="utf-8")
    swap_in(temporary, final)
