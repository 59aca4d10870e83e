"""What an artefact folder must say of itself, whichever model it holds."""

import json
from pathlib import Path

FORMAT = 1
MEMBERS = {
    "model_version": str,
    "model_file": str,
    "sha256": str,
    "feature_order": list,
    "library_versions": dict,
}


class ModelRefused(Exception):
    """An artefact that must not be served. The message is one sentence naming the cause."""


def read_metadata(folder: Path) -> dict:
    """Return `metadata.json` of an artefact folder, its format and MEMBERS checked.

    Raises ModelRefused when it is missing, is not a JSON object, has another `format`, or lacks a
    member or has it with the wrong type. It may hold more: metrics, seed, training window.
    """
    try:
        metadata = json.loads((folder / "metadata.json").read_text("utf-8"))
    except FileNotFoundError:
        raise ModelRefused(f"metadata.json is missing from {folder}.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelRefused(f"metadata.json in {folder} cannot be read ({error}).") from None
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise ModelRefused(f"metadata.json in {folder} is not an object of format {FORMAT}.")
    for member, kind in MEMBERS.items():
        if not isinstance(metadata.get(member), kind):
            raise ModelRefused(f"metadata.json has no {member!r} that is a {kind.__name__}.")
    return metadata
