"""Everything an operator can set, in one place: environment variables `PARTFIT_*`, or a `.env` file beside the process.

The environment wins over `.env`. Every setting says what it means; `partfit doctor --settings` prints them all.
Only the command line and `create_app` read settings from outside; the other rooms are given values.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from search_service.errors import FieldError, InvalidSettings
from search_service.resources import config_folder

PREFIX = "PARTFIT_"
ENV_FILE = ".env"
NOT_OURS = ("PARTFIT_TEST_", "PARTFIT_REQUIRE_")  # read by the project's own tests
MASK = "********"
KIB, MIB = 1024, 1024 * 1024


class EngineKind(StrEnum):
    """Which engine holds the index, and with it where the live state is kept."""

    EMBEDDED = "embedded"
    OPENSEARCH = "opensearch"


class LogLevel(StrEnum):
    """The least severe records that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _split(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _home(path: Path) -> Path:
    return path.expanduser()


def _http(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be http://HOST:PORT or https://HOST:PORT, several separated by commas")
    return url.rstrip("/")


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Folder = Annotated[Path, AfterValidator(_home)]
Paths = Annotated[tuple[Folder, ...], NoDecode, BeforeValidator(_split)]
Urls = Annotated[tuple[Annotated[str, AfterValidator(_http)], ...], NoDecode, BeforeValidator(_split)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Seconds = Annotated[float, Field(gt=0.0)]
Many = Annotated[int, Field(ge=1)]


SHORTEST_KEY = 12
"""Characters below which a key is called short."""


class Settings(BaseSettings):
    """The settings of one process; frozen."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_file_encoding="utf-8", extra="ignore", frozen=True,
        hide_input_in_errors=True, env_ignore_empty=True,
    )  # fmt: skip

    engine: EngineKind = Field(EngineKind.EMBEDDED, description="Search engine: embedded (one folder) or opensearch.")
    data_dir: Folder = Field(
        Path("~/.partfit"),
        validate_default=True,
        description="Folder for generations, models, live state and quarantine; made when missing.",
    )
    config_dir: Folder | None = Field(
        None,
        description="The operator's own configuration folder (merchandising.yaml, part types, synonyms); "
        "files in it stand in place of the shipped ones.",
    )
    host: str = Field("127.0.0.1", description="Address 'partfit serve' listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port 'partfit serve' listens on.")
    workers: Many = Field(1, description="Worker processes of 'partfit serve'.")
    admin_key: SecretStr | None = Field(
        None, description="Bearer key of /v1/admin; long, or it will be guessed. Without it admin calls are refused."
    )
    user_key: SecretStr | None = Field(
        None, description="Key of the shop's signed user tokens; when set, a user_id counts only with its user_token."
    )
    stamp_key: SecretStr | None = Field(
        None, description="Key that signs stamps and cursors, the same on every server; if unset, one is made and kept."
    )
    cors_origins: Words = Field((), description="Origins, comma-separated, whose pages may call the API.")
    log_level: LogLevel = Field(LogLevel.INFO, description="Least severe log records written: debug to error.")

    opensearch_url: Urls = Field(
        ("http://127.0.0.1:9200",),
        min_length=1,
        description="OpenSearch nodes, comma-separated; may hold user:password@.",
    )
    opensearch_prefix: str = Field(
        "partfit", pattern=r"^[a-z][a-z0-9_\-]*$", description="First part of the name of every index of ours."
    )
    opensearch_timeout: Seconds = Field(2.0, description="Seconds one search on OpenSearch may take.")
    opensearch_write_timeout: Seconds = Field(60.0, description="Seconds one bulk request to OpenSearch may take.")
    opensearch_pool: Many = Field(32, description="Connections kept open to each OpenSearch node.")
    opensearch_shards: Many = Field(1, description="Primary shards of a generation's index.")
    opensearch_replicas: int = Field(0, ge=0, description="Replicas of every index, set once a generation is built.")
    opensearch_ca: Folder | None = Field(None, description="CA certificates (PEM) that vouch for https nodes.")

    bad_row_share: Share = Field(0.01, description="Share of bad rows of one kind above which nothing is published.")
    train_niceness: int = Field(
        19, ge=0, le=19, description="How far 'partfit train' steps back for answers of servers beside it; 19 furthest."
    )
    keep_generations: Many = Field(
        3,
        description="Published generations kept for rollback, the present one included."
        " One just replaced stays five minutes.",
    )
    reading_confidence: Share = Field(0.75, description="Confidence from which a reading of the text acts as a filter.")
    vin_confidence: Share = Field(0.95, description="Confidence from which a decoded VIN field excludes vehicles.")
    broad_candidates: Many = Field(
        500, description="Candidates above which a vehicle query that is no whole make or model is answered coarsely."
    )
    vin_patterns: Paths = Field((), description="The operator's VIN pattern tables, comma-separated paths.")
    pool_size: Many = Field(200, description="Hits of one search that are ranked in process.")
    request_timeout: Seconds = Field(10.0, description="Seconds one HTTP request may take before it is a 504.")

    max_query_chars: Many = Field(256, description="Characters of query text.")
    max_page_size: Many = Field(100, description="Items of one page of search results.")
    max_check_ids: Many = Field(500, description="Part ids of one fitment check.")
    max_events: Many = Field(1000, description="Events of one batch.")
    max_body_bytes: Many = Field(MIB, description="Bytes of one request body, of a batch of events too.")
    max_admin_body_bytes: Many = Field(64 * MIB, description="Bytes of one request body under /v1/admin.")
    max_queued_events: Many = Field(20_000, description="Events waiting to be written above which senders get a 429.")

    event_retention_days: Many = Field(730, description="Days after which events and logged queries are erased.")
    recent_events: Many = Field(50, description="Latest events of a user that shape personal results.")
    live_refresh: Seconds = Field(0.2, description="Seconds between two looks for changed stock, prices and policies.")

    @cached_property
    def live_dir(self) -> Path:
        """Folder of the live state of the embedded engine."""
        return self.data_dir / "live"


class Setting(NamedTuple):
    """One line of `partfit doctor --settings`."""

    name: str
    meaning: str
    value: str
    masked: bool


def load(environ: Mapping[str, Any] | None = None) -> Settings:
    """Settings from the environment and `.env`; `environ` members (by field name) win over both.

    Raises `InvalidSettings` that names variables and what they should be, not what secrets held.
    """
    try:
        return Settings(**(environ or {}))
    except ValidationError as error:
        first: dict[str, FieldError] = {}
        for one in error.errors():
            name = PREFIX + str(one["loc"][0]).upper()
            first.setdefault(name, FieldError(name, str(one["msg"])))
        raise InvalidSettings(list(first.values())) from None


def describe(settings: Settings) -> list[Setting]:
    """Every setting: variable, meaning, value as text; keys, and passwords inside URLs, are masked."""
    return [
        Setting(PREFIX + name.upper(), str(field.description), *_shown(getattr(settings, name)))
        for name, field in Settings.model_fields.items()
    ]


def unknown_variables(environ: Mapping[str, str] | None = None, env_file: Path | None = None) -> list[str]:
    """`PARTFIT_*` names in the environment or in `.env` that no setting has, sorted; most are misspelt."""
    names = {*(os.environ if environ is None else environ), *_names_in(env_file or Path(ENV_FILE))}
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    mine = {name for name in names if name.upper().startswith(PREFIX) and not name.upper().startswith(NOT_OURS)}
    return sorted(name for name in mine if name.upper() not in known)


def signing_key(settings: Settings) -> str:
    """The key for stamps and cursors: the setting, else one made once and kept in the data folder.

    Without the setting every server needs the same data folder, or stamps of one are forgeries to another.
    """
    if settings.stamp_key is not None:
        return settings.stamp_key.get_secret_value()
    path = settings.data_dir / "stamp.key"
    if not path.exists():
        _keep_new_key(path)
    return path.read_text()


def config_file(settings: Settings, name: str) -> Path:
    """Where the configuration file `name` is read: the operator's folder if it has one of that name, else ours."""
    own = settings.config_dir / name if settings.config_dir is not None else None
    return own if own is not None and own.exists() else config_folder() / name


def _keep_new_key(path: Path) -> None:
    """Write a fresh key whole or, if another process was first, not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".key-") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)


def _names_in(env_file: Path) -> Iterable[str]:
    return dotenv_values(env_file) if env_file.is_file() else ()


def _shown(value: Any) -> tuple[str, bool]:
    match value:
        case None:
            return "", False
        case SecretStr():
            return MASK, True
        case tuple():
            shown = [_shown(member) for member in value]
            return ",".join(text for text, _ in shown), any(masked for _, masked in shown)
        case str() if "@" in value and "://" in value:
            return _without_password(value), True
        case _:
            return str(value), False


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{MASK}@{parts.netloc.rpartition('@')[2]}"))


def short_keys(settings: Settings) -> list[str]:
    """Variables of keys that are set and short enough to be guessed."""
    keys = {"ADMIN_KEY": settings.admin_key, "USER_KEY": settings.user_key, "STAMP_KEY": settings.stamp_key}
    return [f"{PREFIX}{name}" for name, key in keys.items() if key and 0 < len(key.get_secret_value()) < SHORTEST_KEY]
