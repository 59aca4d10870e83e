"""Takes the declared files out of what was handed in, and nothing else."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from workbench.grading.archives import list_archive
from workbench.grading.bundles import is_bundle, list_bundle
from workbench.grading.folders import list_folder
from workbench.grading.listing import TAKEN_BYTES, Entry, Listing, Unreadable, is_ignored
from workbench.grading.names import SUFFIX
from workbench.grading.sources import Source

DEEPEST_PROJECT = 4
PROGRESS = PurePosixPath(".workbench/progress.json")
HAND_IN = "Hand in the folder exercises/ of the course, as a zip, a tar, a git bundle or a folder."
OURS = "It could not be read here ({}). Ask your instructor."


@dataclass(frozen=True)
class Submission:
    """What is graded: the declared files by path, as bytes, and what is known about the hand-in.

    `problem` says why nothing could be taken; `faults` why one file was not, by path. `attempts` are the
    learner's own counts by exercise, where they came along. `handed_in` is in seconds since 1970.
    """

    name: str
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    note: str = ""
    handed_in: float | None = None
    handed_in_is: str = ""
    attempts: dict[str, int] = field(default_factory=dict)


def take_in(source: Source, declared: Iterable[str], folder: Path) -> Submission:
    """Reads a submission, using `folder` for what must be unpacked. Never raises for what it holds."""
    wanted = {PurePosixPath(path) for path in declared}
    try:
        listing = _listing(source.path, wanted, folder)
        return _taken(source, listing, wanted)
    except Unreadable as problem:
        return Submission(source.name, problem=f"{problem}", note=source.note)
    except (OSError, MemoryError, RecursionError) as error:
        reason = getattr(error, "strerror", "") or type(error).__name__
        return Submission(source.name, problem=OURS.format(reason), note=source.note)


def _listing(path: Path, wanted: set[PurePosixPath], folder: Path) -> Listing:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode) or not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise Unreadable(f"It is a link or a device, not a file or a folder. {HAND_IN}")
    if stat.S_ISDIR(mode):
        listing = list_folder(path, folder)
        names = [entry.path for entry in listing.entries]
        if len(names) == 1 and len(names[0].parts) == 1 and SUFFIX.search(names[0].name):
            return _listing(path / names[0], wanted, folder)  # as a course platform hands it out
        return listing
    if is_bundle(path):
        return list_bundle(path, folder)
    return list_archive(path, lambda entry: _is_of_use(entry, wanted))


def _is_of_use(path: PurePosixPath, wanted: set[PurePosixPath]) -> bool:
    ends = {PurePosixPath(*path.parts[-n:]) for n in range(1, len(path.parts) + 1)}
    return bool(ends & wanted) or PROGRESS in ends


def _taken(source: Source, listing: Listing, wanted: set[PurePosixPath]) -> Submission:
    if not listing.entries:
        raise Unreadable(f"It is empty. {HAND_IN}")
    by_path = {entry.path: entry for entry in listing.entries}
    root = project_root(by_path, wanted)
    files, faults, times = {}, {}, []
    for path in sorted(wanted):
        entry = by_path.get(root / path)
        if entry is None:
            continue
        fault = entry.problem
        if not fault:
            try:
                files[path.as_posix()] = entry.read()
                times.append(entry.modified)
            except Exception as error:  # a damaged member raises what its compression raises
                fault = f"is damaged in the archive ({type(error).__name__})"
        if fault:
            faults[path.as_posix()] = fault
    newest = max((time for time in times if time), default=None)
    known = listing.committed or newest
    return Submission(
        source.name,
        files,
        faults,
        note=source.note,
        handed_in=known,
        handed_in_is="last commit" if listing.committed else "newest file" if known else "",
        attempts=_attempts(by_path, root),
    )


def project_root(paths: Iterable[PurePosixPath], wanted: set[PurePosixPath]) -> PurePosixPath:
    """The folder that holds the declared files. Raises Unreadable when there is none, or two.

    A folder `exercises` wins; `solutions`, hidden folders and what lies too deep are never looked at.
    """
    roots: dict[PurePosixPath, int] = {}
    seen = set(paths)
    for path in seen:
        for declared in wanted:
            depth = len(path.parts) - len(declared.parts)
            if 0 <= depth <= DEEPEST_PROJECT and path.parts[depth:] == declared.parts:
                root = PurePosixPath(*path.parts[:depth])
                if not any(map(is_ignored, root.parts)):
                    roots[root] = roots.get(root, 0) + 1
    named = {root: count for root, count in roots.items() if root.name == "exercises"}
    best = named or roots
    if not best:
        only = " It holds solutions/, which is the reference and not an answer." * any(
            "solutions" in path.parts for path in seen
        )
        raise Unreadable(f"None of the exercises' files is in it.{only} {HAND_IN}")
    shallow = min(len(root.parts) for root in best)
    nearest = {root: count for root, count in best.items() if len(root.parts) == shallow}
    most = max(nearest.values())
    winners = sorted(str(root) for root, count in nearest.items() if count == most)
    if len(winners) > 1:
        raise Unreadable(f"It holds more than one project: {', '.join(winners[:4])}. {HAND_IN}")
    return PurePosixPath(winners[0])


def _attempts(by_path: dict[PurePosixPath, Entry], root: PurePosixPath) -> dict[str, int]:
    """How often the learner checked each exercise, from a progress file that came along."""
    entry = by_path.get(root / PROGRESS) or by_path.get(root.parent / PROGRESS)
    if entry is None or entry.problem:
        return {}
    try:
        content = entry.read()
        entries = json.loads(content)["exercises"] if len(content) < TAKEN_BYTES else {}
        counts = {name: about.get("attempts") for name, about in entries.items()}
    except Exception:  # it is the learner's file: anything may be in it, and it decides nothing
        return {}
    return {n: c for n, c in counts.items() if type(c) is int and 0 < c < 1_000_000}
