"""What an image holds: files in any of its layers, settings, packages, and how much it weighs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from workbench.boundary.outcomes import mismatch
from workbench.instruments.docker.containers import Container
from workbench.instruments.docker.dockerfiles import layers_of

SECRET_NAME = re.compile("KEY|SECRET|TOKEN|PASSWORD")
VERSIONS = """
import importlib.metadata as m, json, sys
print(json.dumps({d.metadata["Name"].lower().replace("_", "-"): d.version for d in m.distributions()}))
"""


def require_without(image: Any, base: Any, kept: Path, unwanted: dict[str, re.Pattern]) -> None:
    """No layer above its base image's holds a file of the kinds in `unwanted`; layers are read as
    `layers_of` does."""
    bottom = set(base.attrs["RootFS"]["Layers"])
    for layer in layers_of(image, kept):
        for kind, pattern in unwanted.items():
            held = sorted(filter(pattern.search, layer.files if layer.digest not in bottom else ()))
            if held:
                raise mismatch(
                    "The check listed the files of each layer of the image",
                    got=f"/{held[0]} is in one, which is {kind}",
                    expected="in no layer: who has the image has all of its layers",
                    look="what COPY takes in, and RUN leaves behind; deleting it in a later "
                    "instruction hides it from the container, not from the image",
                )


def require_no_secret_set(image: Any) -> None:
    """No variable that is set in the image has the name of a secret."""
    for setting in image.attrs["Config"].get("Env") or []:
        name, _, value = setting.partition("=")
        # the name of a public key in Python's own images
        if SECRET_NAME.search(name) and name != "GPG_KEY" and value:
            raise mismatch(
                "The check read the image's settings with `docker inspect`",
                got=f"{name} is set in the image",
                expected="secrets are given to the container when it starts",
                look="ENV and ARG: everyone who can pull the image can read them",
            )


def require_small(image: Any, base: Any, most_added_mb: int) -> None:
    added = (image.attrs["Size"] - base.attrs["Size"]) / 1e6
    if added > most_added_mb:
        raise mismatch(
            "The check compared the image's size with its base image's",
            got=f"It weighs {added:.0f} MB more",
            expected=f"at most {most_added_mb} MB more",
            look="`docker history`: which layer is the largest, and is all of it needed at run time?",
        )


def require_pinned(container: Container, requirements: str) -> None:
    """The packages in the container have the versions that requirements.txt pins."""
    found = json.loads(container.run(["python", "-c", VERSIONS]) or "{}")
    for name, pin in re.findall(r"(?m)^([\w-]+)==(\S+)", requirements):
        if found.get(name) != pin:
            raise mismatch(
                "The check listed the packages in the container",
                got=f"{name} is {found.get(name, 'missing')}",
                expected=f"{name} {pin}, as requirements.txt pins it",
                look="the RUN that installs: `pip install -r requirements.txt`",
            )


def require_reused(image: Any, after: Any, kept: Path, marker: str) -> None:
    """The layer that holds the file `marker` is in the image that was built after a change of code."""
    again = after.attrs["RootFS"]["Layers"]
    for layer in layers_of(image, kept):
        if any(name.endswith(marker) for name in layer.files) and layer.digest not in again:
            raise mismatch(
                "The check changed one line of churn_service/risk.py and built again",
                got="The layer that holds Flask was made anew: everything was installed again",
                expected="only the layers that hold the service's own code change",
                look="the order: what is copied before the RUN that installs? Any change there "
                "repeats it; requirements.txt is all that it needs",
            )
