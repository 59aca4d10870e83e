"""Makes submissions: a learner's files, right or wrong, handed in as a folder, an archive or a bundle."""

import functools
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from workbench.authoring.cases import cases_of, variant_of
from workbench.course.catalog import Exercise, load_catalog
from workbench.course.place import Course, find_course

COURSE = find_course()
FORMS = ("folder", "zip", "tar", "tar.gz", "repository.zip")
GIT = ("git", "-c", "user.name=learner", "-c", "user.email=learner@example.org")
Files = dict[str, bytes]


@functools.cache
def exercise(name: str) -> Exercise:
    return load_catalog(COURSE.catalog_file).exercise(name)


def starters(*names: str) -> Files:
    """The files of these exercises as a learner finds them."""
    paths = [path for name in names for path in exercise(name).files]
    return {path: (COURSE.exercises / path).read_bytes() for path in paths}


def right(name: str) -> Files:
    """The reference answer."""
    return {path: (COURSE.reference / path).read_bytes() for path in exercise(name).files}


def variant(name: str, kind: str, stored: str) -> Files:
    """A stored answer or mistake, in the reference's place. `kind` is `answer` or `mistake`."""
    cases = {(case.kind, case.name): case for case in cases_of(COURSE, exercise(name))}
    case = cases[kind, stored]
    return right(name) | {case.file: variant_of(COURSE, case).encode()}


def hand_in(folder: Path, name: str, files: Files, form: str = "folder") -> Path:
    """Hands the files in under this name; returns what lies in `folder` then."""
    folder.mkdir(parents=True, exist_ok=True)
    if form == "folder":
        return _write(folder / name, files)
    if form == "bundle":
        return _bundle(folder, name, files)
    within = "exercises/"
    if form == "repository.zip":
        form, within = "zip", "bookstore-main/exercises/"
    target = folder / f"{name}.{form}"
    if form == "zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in files.items():
                archive.writestr(within + path, content)
        return target
    with tarfile.open(target, f"w:{form.partition('.')[2]}") as archive:
        for path, content in files.items():
            add_to_tar(archive, within + path, content)
    return target


def add_to_tar(archive: tarfile.TarFile, path: str, content: bytes = b"", **about: object) -> None:
    info = tarfile.TarInfo(path)
    info.size, info.mtime = len(content), 1_750_000_000
    for field, value in about.items():
        setattr(info, field, value)
    archive.addfile(info, io.BytesIO(content))


def _write(folder: Path, files: Files) -> Path:
    folder.mkdir(parents=True)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def _bundle(folder: Path, name: str, files: Files) -> Path:
    repository = _write(folder / f".making-{name}", {f"exercises/{p}": c for p, c in files.items()})
    target = folder / f"{name}.bundle"
    git(repository, "init", "--quiet", "--initial-branch=main", ".")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "My answers")
    git(repository, "bundle", "create", "--quiet", str(target.absolute()), "--all")
    return target


def git(folder: Path, *argv: str) -> None:
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    env |= {"GIT_AUTHOR_DATE": "2026-03-01T12:00:00Z", "GIT_COMMITTER_DATE": "2026-03-01T12:00:00Z"}
    subprocess.run([*GIT, *argv], cwd=folder, check=True, env=env, capture_output=True)


def grade_command(*argv: object) -> list[str]:
    return [sys.executable, "-m", "workbench", "grade", *map(str, argv)]


def course_with(exercises: Path) -> Course:
    return Course(COURSE.root, exercises)


def processes_of(scratch: str) -> list[str]:
    """The processes that were told to keep their temporary files in this folder."""
    listed = subprocess.run(["ps", "axeww", "-o", "pid=,command="], capture_output=True, text=True)
    return [line for line in listed.stdout.splitlines() if f"TMPDIR={scratch}" in line]
