"""What a Dockerfile and an image say: the instructions of the one, the layers of the other."""

from __future__ import annotations

import io
import itertools
import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.setup.files import write_atomically

MOST_KEPT = 200
FROM = re.compile(r"(?:--\S+\s+)*(?P<base>\S+)(?:\s+as\s+(?P<name>\S+))?", re.IGNORECASE)
VARIABLE = re.compile(r"\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?::?-(?P<other>[^}]*))?\})")


@dataclass(frozen=True)
class Instruction:
    """One instruction: its keyword in capitals, the rest as text, and its line (from 1)."""

    keyword: str
    text: str
    line: int

    @property
    def words(self) -> list[str]:
        """The exec form's list of words; empty for anything else."""
        try:
            words = json.loads(self.text)
        except ValueError:
            return []
        right = isinstance(words, list) and all(isinstance(word, str) for word in words)
        return words if right else []


def parse_dockerfile(text: str) -> list[Instruction]:
    """The instructions, with continued lines joined and comments left out."""
    found: list[Instruction] = []
    started, parts = 0, []
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not line.strip() and not parts):
            continue
        started = started if parts else number
        parts.append(line.strip().removesuffix("\\").strip())
        if not line.rstrip().endswith("\\"):
            keyword, _, rest = " ".join(filter(None, parts)).partition(" ")
            found.append(Instruction(keyword.upper(), rest.strip(), started))
            parts = []
    return found


def stages_of(instructions: Iterable[Instruction]) -> list[list[Instruction]]:
    """The instructions of each stage; each begins with its FROM."""
    stages: list[list[Instruction]] = []
    for instruction in instructions:
        if instruction.keyword == "FROM":
            stages.append([])
        if stages:
            stages[-1].append(instruction)
    return stages


def base_of(instructions: Iterable[Instruction]) -> str:
    """The image that the last stage is built on, followed through stages that have names.

    What `ARG` says above the first FROM is put in, as a build without `--build-arg` does.
    """
    instructions, named = list(instructions), {}
    defaults = _defaults_of(itertools.takewhile(lambda i: i.keyword != "FROM", instructions))
    for stage in stages_of(instructions):
        told = VARIABLE.sub(
            lambda m: defaults.get(m["plain"] or m["name"]) or m["other"] or "", stage[0].text
        )
        match = FROM.match(told)
        base = named.get(match["base"].lower(), match["base"]) if match else ""
        if match and match["name"]:
            named[match["name"].lower()] = base
    return base


def installed_after_code(
    instructions: Iterable[Instruction], code: set[str]
) -> tuple[int, int] | None:
    """The lines of a COPY of `code` and of a later RUN that uses pip, in one stage; None without."""
    for stage in stages_of(instructions):
        installs = [i.line for i in stage if i.keyword == "RUN" and "pip" in i.text.split()]
        copies = [i for i in stage if i.keyword in ("COPY", "ADD") and "--from" not in i.text]
        early = [i.line for i in copies if code & set(i.text.split()[:-1])]
        if installs and early and early[0] < installs[0]:
            return early[0], installs[0]
    return None


def _defaults_of(instructions: Iterable[Instruction]) -> dict[str, str]:
    """The values of ARG instructions, without the quotes."""
    words = [word for i in instructions if i.keyword == "ARG" for word in i.text.split()]
    pairs = (word.partition("=") for word in words)
    return {name: value.strip("\"'") for name, _, value in pairs}


@dataclass(frozen=True)
class Layer:
    """One layer of an image: its digest, and the paths of its files, without a leading slash."""

    digest: str
    files: frozenset[str]


def layers_of(image: Any, kept: Path) -> list[Layer]:
    """The layers of an image of the SDK, lowest first, deleted files of lower layers included.

    What a layer holds never changes, so the names are kept in the folder `kept`, by digest.
    """
    digests = image.attrs["RootFS"]["Layers"]
    known = {digest: kept / f"{digest.rpartition(':')[2]}.json" for digest in digests}
    if not all(file.exists() for file in known.values()):
        kept.mkdir(parents=True, exist_ok=True)
        for digest, names in zip(digests, _saved_layers(image), strict=True):
            write_atomically(known[digest], json.dumps(sorted(names)))
        newest_first = sorted(kept.glob("*.json"), key=lambda file: -file.stat().st_mtime)
        for file in set(newest_first[MOST_KEPT:]) - set(known.values()):
            file.unlink(missing_ok=True)
    return [
        Layer(digest, frozenset(json.loads(file.read_text()))) for digest, file in known.items()
    ]


def _saved_layers(image: Any) -> list[frozenset[str]]:
    """The names in each layer, read from the archive that `docker save` makes."""
    files: dict[str, frozenset[str]] = {}
    order: list[str] = []
    with tarfile.open(
        fileobj=io.BufferedReader(_Chunks(image.save()), 1 << 20), mode="r|"
    ) as saved:
        for member in saved:
            if member.name == "manifest.json":
                order = json.load(saved.extractfile(member))[0]["Layers"]
            elif member.isfile() and (found := _file_names(saved.extractfile(member))) is not None:
                files[member.name] = found
            elif member.issym() or member.islnk():  # older engines: a layer that occurs twice
                files[member.name] = files.get(member.linkname.removeprefix("../"), frozenset())
    return [files.get(name, frozenset()) for name in order]


def _file_names(content: Any) -> frozenset[str] | None:
    """The names in a tar archive; None when it is no archive (the image's settings are beside them)."""
    try:
        with tarfile.open(fileobj=content, mode="r|*") as layer:  # some engines keep it compressed
            return frozenset(m.name.removeprefix("./") for m in layer if not m.isdir())
    except tarfile.ReadError:
        return None


class _Chunks(io.RawIOBase):
    """A readable file made of an iterator of bytes."""

    def __init__(self, chunks: Iterator[bytes]):
        self.chunks = chunks
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        if not self.rest:
            self.rest = next(self.chunks, b"")
        taken = self.rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self.rest = self.rest[len(taken) :]
        return len(taken)
