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
    pseudonyms in the log, `max_body_bytes` the largest request body that is read, `prediction_log`
    where predictions are kept: a path, a URL, or "off".
    """

    model_dir: Path
    pseudonym_key: bytes = field(repr=False)
    max_body_bytes: int = 16_384
    prediction_log: str = "off"


def settings_from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the variables whose names begin with CHURN_; raise SettingsError.

    Without CHURN_MODEL_DIR the model is looked for in `../data/model`, seen from the project
    folder. Without CHURN_PSEUDONYM_KEY a random key is drawn, so that pseudonyms agree within this
    process and with nothing else. Without CHURN_PREDICTION_LOG predictions are kept in the SQLite
    file `predictions.sqlite3` in the project folder.
    """
    return Settings(
        model_dir=Path(environ.get("CHURN_MODEL_DIR") or PROJECT.parent / "data" / "model"),
        pseudonym_key=_pseudonym_key(environ.get("CHURN_PSEUDONYM_KEY", "")),
        max_body_bytes=_max_body_bytes(environ.get("CHURN_MAX_BODY_BYTES", "16384")),
        prediction_log=_prediction_log(environ.get("CHURN_PREDICTION_LOG", "")),
    )


def _pseudonym_key(text: str) -> bytes:
    if not text:
        return secrets.token_bytes(32)
    if len(text) < SHORTEST_KEY:
        raise SettingsError(
            f"CHURN_PSEUDONYM_KEY has {len(text)} characters and needs at least {SHORTEST_KEY}: "
            'make one with python -c "import secrets; print(secrets.token_hex(32))".'
        )
    return text.encode("utf-8", "surrogateescape")


def _max_body_bytes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:10]) > 0 and len(text) < 10):
        raise SettingsError(
            f"CHURN_MAX_BODY_BYTES is {text!r}: give a whole number of bytes, such as 16384."
        )
    return int(text)


def _prediction_log(text: str) -> str:
    scheme, separator, _ = text.partition("://")
    if separator and scheme not in STORES:
        raise SettingsError(
            f"CHURN_PREDICTION_LOG begins with {scheme}://: give a path, sqlite:///path, "
            "postgresql://user@host/database, or off."
        )
    return text or str(PROJECT / "predictions.sqlite3")
