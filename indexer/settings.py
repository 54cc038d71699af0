"""Settings from the environment: PHOTOVEIL_… (and DATABASE_URL, as everywhere)."""

import os
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photoveil"


class Settings(BaseSettings):
    """What differs from machine to machine; everything else belongs to a library's policy or to a profile."""

    model_config = SettingsConfigDict(env_prefix="PHOTOVEIL_", frozen=True, populate_by_name=True)

    models: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders that are searched first for weights, separated as in PATH."""

    cache: Path = Field(default_factory=_user_cache)
    """Where pulled and imported weights lie."""

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    """A PostgreSQL catalog instead of the library's own SQLite file."""

    device: str | None = None
    """`cpu` or `cuda`; the GPU when there is one, if not set."""

    workers: int | None = Field(default=None, ge=1)
    """Processes that decode and anonymise; one per core if not set."""

    max_pixels: int = Field(default=200_000_000, ge=1)
    """Pictures of more pixels are refused before their memory is taken."""

    decode_seconds: float = Field(default=60.0, gt=0)
    """A photo that takes longer on its way through a worker is given up."""

    @field_validator("models", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(Path(part) for part in value.split(os.pathsep) if part) if isinstance(value, str) else value


@cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
