"""What the service must be told, read once from the environment."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SHORTEST_KEY = 16
STORES = ("sqlite", "postgresql", "postgres")


class SettingsError(ValueError):
    """A setting that cannot be used. The message names the variable and the remedy."""


@dataclass(frozen=True)
class Settings:
    """Everything about the service that differs from one deployment to the next.

    `model_dir` is the artefact folder, `pseudonym_key` the secret that turns customer ids into the
    pseudonyms in the log, `max_body_bytes` the largest request body that is read, of a batch
    `max_batch_bytes` with at most `max_batch_rows`. `cache_entries` predictions are remembered for
    `cache_seconds`. `fast_lane` puts `fast_lane.py` in front of the app.
    `prediction_log` is where predictions are kept: a path, a URL, or "off".
    """

    model_dir: Path
    pseudonym_key: bytes = field(repr=False)
    max_body_bytes: int = 16_384
    max_batch_bytes: int = 1_048_576
    max_batch_rows: int = 1000
    cache_entries: int = 0
    cache_seconds: float = 300.0
    fast_lane: bool = False
    prediction_log: str = "off"


def settings_from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings from CHURN_ variables; raise SettingsError.

    Without CHURN_MODEL_DIR the model is the one in `model/`, the release that ships with the
    project, or where there is none, the handover in `../data/model`. Without CHURN_PSEUDONYM_KEY a
    random key is drawn, so that pseudonyms agree within this process and with nothing else.
    CHURN_CACHE_ENTRIES is 0, no cache, unless set; CHURN_FAST_LANE is "1" or absent.
    Without CHURN_PREDICTION_LOG predictions are kept in the SQLite file `predictions.sqlite3` in the
    project folder.
    """
    return Settings(
        model_dir=Path(environ.get("CHURN_MODEL_DIR") or default_model_dir()),
        pseudonym_key=_pseudonym_key(environ.get("CHURN_PSEUDONYM_KEY", "")),
        max_body_bytes=_whole_number(environ, "CHURN_MAX_BODY_BYTES", 16_384, of="bytes"),
        max_batch_bytes=_whole_number(environ, "CHURN_MAX_BATCH_BYTES", 1_048_576, of="bytes"),
        max_batch_rows=_whole_number(environ, "CHURN_MAX_BATCH_ROWS", 1000, of="rows"),
        cache_entries=_whole_number(environ, "CHURN_CACHE_ENTRIES", 0, of="predictions"),
        cache_seconds=_whole_number(environ, "CHURN_CACHE_SECONDS", 300, of="seconds"),
        fast_lane=environ.get("CHURN_FAST_LANE", "") == "1",
        prediction_log=_prediction_log(environ.get("CHURN_PREDICTION_LOG", "")),
    )


def default_model_dir() -> Path:
    """Return the folder of the release that ships with the project, else that of the handover."""
    release = PROJECT / "model"
    return release if (release / "metadata.json").exists() else PROJECT.parent / "data" / "model"


def _pseudonym_key(text: str) -> bytes:
    if not text:
        return secrets.token_bytes(32)
    if len(text) < SHORTEST_KEY:
        raise SettingsError(
            f"CHURN_PSEUDONYM_KEY has {len(text)} characters and needs at least {SHORTEST_KEY}: "
            'make one with python -c "import secrets; print(secrets.token_hex(32))".'
        )
    return text.encode("utf-8", "surrogateescape")


def _whole_number(environ: Mapping[str, str], name: str, default: int, *, of: str) -> int:
    """Return a whole number above 0, or the default, which may be 0 to mean none."""
    text = environ.get(name, "") or str(default)
    if text == str(default):
        return default
    if not (text.isascii() and text.isdigit() and int(text[:10]) > 0 and len(text) < 10):
        raise SettingsError(f"{name} is {text!r}: give a whole number of {of}, such as {default}.")
    return int(text)


def _prediction_log(text: str) -> str:
    scheme, separator, _ = text.partition("://")
    if separator and scheme not in STORES:
        raise SettingsError(
            f"CHURN_PREDICTION_LOG begins with {scheme}://: give a path, sqlite:///path, "
            "postgresql://user@host/database, or off."
        )
    return text or str(PROJECT / "predictions.sqlite3")
