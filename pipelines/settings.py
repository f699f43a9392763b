"""Every environment variable, read once."""

import os
from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from assets.home import Home


class Settings(BaseSettings):
    """What the environment may set; see .env.example."""

    model_config = SettingsConfigDict(env_prefix="PUMPURS_", env_file=".env", extra="ignore")

    home: Path = Field(default=Path(".pumpurs"), description="everything a run touches")
    secrets: Path = Field(
        default=Path("~/.config/pumpurs"), description="keys of the pseudonym and the vault, outside the home folder"
    )
    memory_limit: str = Field(default="2GB", description="memory DuckDB may use before it spills to disk")
    threads: int = Field(default=2, ge=1, description="threads DuckDB may use")
    person: str = Field(default="", description="login whose roles decide which names are shown; empty = none")

    funding_lv: str = Field(
        default="", description="who runs and who pays for it, in Latvian: the foot of every public page says so"
    )
    funding_en: str = Field(default="", description="the same in English")
    boundaries: Path | None = Field(
        default=None, description="GeoJSON of the municipalities, for maps with true outlines beside those of tiles"
    )

    @property
    def funding(self) -> dict[str, str]:
        """Return by language what the foot of public pages says; nothing where nothing is set."""
        told = {"lv": self.funding_lv or self.funding_en, "en": self.funding_en or self.funding_lv}
        return told if self.funding_lv or self.funding_en else {}

    def home_folder(self, override: Path | None = None) -> Home:
        """Return the home folder with the secrets beside it."""
        return Home((override or self.home).expanduser().absolute(), self.secrets.expanduser().absolute())


@cache
def settings() -> Settings:
    """Read the environment once."""
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "true")
    return Settings()
