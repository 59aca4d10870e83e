"""The commands that install packages: uv where it can be had, pip where not.

The user's pip settings decide where packages come from. uv does not read them, so they are handed
on; anything the user has set for uv itself wins.
"""

import ast
import os
import re
import subprocess
from pathlib import Path

from workbench.setup.process import clean_environment

UV = "uv>=0.8,<1"
UV_INDEXES = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL")


def pip_environment() -> dict[str, str]:
    """The environment for pip and uv."""
    env = clean_environment(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1")
    env.setdefault("PIP_RETRIES", "2")  # five take half a minute to say "no network"
    return env


def pip_settings(python: Path) -> dict[str, str]:
    """What pip reads from its files and the environment, by setting name; the nearest wins."""
    answer = subprocess.run(
        [python, "-m", "pip", "config", "list"],
        env=pip_environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    settings: dict[str, str] = {}
    nearest_last = {"global": 0, "install": 1, ":env:": 2}
    pairs = [line.partition("=")[::2] for line in answer.stdout.splitlines() if "=" in line]
    for key, value in sorted(pairs, key=lambda pair: nearest_last.get(pair[0].split(".")[0], -1)):
        section, _, name = key.partition(".")
        if section in nearest_last:
            settings[name] = str(ast.literal_eval(value))
    return settings


def uv_environment(settings: dict[str, str]) -> dict[str, str]:
    """pip's settings in uv's terms (uv's documentation, "Compatibility with pip")."""
    env = pip_environment()
    translated = {
        "UV_FIND_LINKS": ",".join(settings.get("find-links", "").split()),
        "UV_INSECURE_HOST": " ".join(settings.get("trusted-host", "").split()),
        "SSL_CERT_FILE": settings.get("cert", ""),
        "HTTPS_PROXY": settings.get("proxy", ""),
        "HTTP_PROXY": settings.get("proxy", ""),
    }
    if not any(os.environ.get(name) for name in UV_INDEXES):
        extra = settings.get("extra-index-url", "").split()
        translated["UV_DEFAULT_INDEX"] = settings.get("index-url", "")
        translated["UV_INDEX"] = " ".join(extra)
        # pip takes the best version from any of its indexes; the pinned hashes keep that safe.
        translated["UV_INDEX_STRATEGY"] = "unsafe-best-match" if extra else ""
    for name, value in translated.items():
        if value:
            env.setdefault(name, value)
    return env


def _hashed(requirements: Path) -> bool:
    return "--hash=" in requirements.read_text(encoding="utf-8")


def uv_command(python: Path, requirements: Path, settings: dict[str, str]) -> list[str]:
    command = [str(python), "-m", "uv", "pip", "install", "--python", str(python)]
    command += ["--no-progress", "--compile-bytecode", "-r", str(requirements)]
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        command.append("--no-index")
    return command + (["--require-hashes"] if _hashed(requirements) else [])


def pip_command(python: Path, *what: str) -> list[str]:
    return [str(python), "-m", "pip", "install", "--no-input", "--progress-bar", "off", *what]


def pinned_names(requirements: Path) -> set[str]:
    """The distinct package names in a requirements file, normalised as PEP 503 says."""
    text = requirements.read_text(encoding="utf-8")
    names = re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}
