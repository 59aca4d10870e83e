"""What the last stage of a Dockerfile must state: as whom it runs, what it runs, how it is watched."""

from __future__ import annotations

from workbench.boundary.outcomes import mismatch
from workbench.instruments.docker.dockerfiles import Instruction

# by instruction, or by two of which one will do: what is missing, what is expected, where to look
WANTED = {
    "USER": (
        "The last stage has no USER, so it runs as root",
        "USER with another name or number",
        "what an intruder could do as root",
    ),
    "CMD ENTRYPOINT": (
        "There is neither CMD nor ENTRYPOINT",
        'CMD ["python", ...]',
        "the last line: what a container of this image runs",
    ),
    "HEALTHCHECK": (
        "There is no HEALTHCHECK in the last stage",
        "one that asks the service",
        "HEALTHCHECK: without it a container that hangs looks as well as one that works",
    ),
}


def require_stated(stages: list[list[Instruction]], file: str) -> dict[str, Instruction]:
    """The instructions of the last stage by keyword, of each the one that counts: the last."""
    stated = {instruction.keyword: instruction for instruction in (stages or [[]])[-1]}
    if "HEALTHCHECK" in stated and stated["HEALTHCHECK"].text.upper() == "NONE":
        del stated["HEALTHCHECK"]
    for keywords, (got, expected, look) in WANTED.items():
        if not stated.keys() & set(keywords.split()):
            raise mismatch(f"The check read {file}", got=got, expected=expected, look=look)
    return stated
