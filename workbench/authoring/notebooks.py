"""Executes the lessons from their reviewed sources (jupytext percent files) and keeps the pair in step."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat

from workbench.course.place import AUTHOR_VARIABLE, PROJECT_VARIABLE, Course
from workbench.course.problems import UserError
from workbench.setup.layout import spelled

CHECK_TAG = "check"
CELL_SECONDS = 600
CURE = f"`{spelled('test --version')}` installs it, with all else that an author needs."


def sources_of(course: Course, names: list[str]) -> list[Path]:
    """The source files of the named lessons (`00_welcome`), or of all."""
    sources = sorted((course.root / "notebooks" / "src").glob("*.py"))
    return [file for file in sources if not names or file.stem in names]


def execute_notebooks(course: Course, names: list[str]) -> int:
    """Executes each lesson against the reference and stores it without what changes from run to run."""
    for source in sources_of(course, names):
        target = source.parent.parent / f"{source.stem}.ipynb"
        print(f"{target.name}: executing", flush=True)
        notebook = read_source(source)
        built = target.with_suffix(".building.ipynb")
        nbformat.write(notebook, built)
        env = {**os.environ, PROJECT_VARIABLE: "solutions", AUTHOR_VARIABLE: "1"}
        convert = [
            sys.executable,
            "-m",
            "jupyter",
            "nbconvert",
            "--to",
            "notebook",
            "--execute",
            "--inplace",
        ]
        options = [f"--ExecutePreprocessor.timeout={CELL_SECONDS}", "--log-level=WARN", str(built)]
        status = subprocess.run(
            [*convert, *options], env=env, cwd=course.root, check=False
        ).returncode
        if status:
            built.unlink(missing_ok=True)
            print(f"{target.name}: a cell failed, the stored notebook is unchanged", flush=True)
            return status
        nbformat.write(settled(nbformat.read(built, as_version=4)), built)
        built.replace(target)
        print(f"{target.name}: stored", flush=True)
    return 0


def compare_notebooks(course: Course, names: list[str]) -> int:
    """Prints every lesson whose stored notebook is not what its source says; returns 0 when none."""
    stale = [line for source in sources_of(course, names) for line in differences(source)]
    for line in stale:
        print(line)
    return 1 if stale else 0


def differences(source: Path) -> list[str]:
    """How the stored notebook differs from its source: cells, tags, or outputs that must not be kept."""
    target = source.parent.parent / f"{source.stem}.ipynb"
    if not target.exists():
        return [f"{target.name} is missing: `{spelled(f'dev notebooks {source.stem}')}` makes it."]
    stored = nbformat.read(target, as_version=4)
    wanted = read_source(source)
    remedy = f"`{spelled(f'dev notebooks {source.stem}')}` brings them in step."
    if len(stored.cells) != len(wanted.cells):
        return [
            f"{target.name} has {len(stored.cells)} cells, its source {len(wanted.cells)}: {remedy}"
        ]
    differing = [
        f"{target.name}, cell {number}: differs from its source: {remedy}"
        for number, (ours, theirs) in enumerate(zip(stored.cells, wanted.cells, strict=True), 1)
        if _told(ours) != _told(theirs)
    ]
    kept = [c for c in stored.cells if c.cell_type == "code" and is_check(c) and c.outputs]
    return differing + [f"{target.name}: a check cell has stored output: {remedy}" for _ in kept]


def read_source(source: Path) -> nbformat.NotebookNode:
    """The notebook a percent source describes, with cell ids made from their place (so diffs stay small)."""
    try:
        import jupytext  # an author's tool: learners do not have it
    except ModuleNotFoundError:
        raise UserError(f"jupytext is not installed. {CURE}") from None
    notebook = jupytext.read(source)
    for number, cell in enumerate(notebook.cells, 1):
        cell["id"] = f"cell-{number:02d}"
        if cell.cell_type == "code" and is_check(cell):
            tags = set(cell.metadata.get("tags", [])) | {CHECK_TAG, "nbval-ignore-output"}
            cell.metadata["tags"] = sorted(tags)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def settled(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The executed notebook without timings, and without the outputs of check cells."""
    notebook.metadata["language_info"] = nbformat.from_dict({"name": "python"})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code" and is_check(cell):
            cell.outputs, cell.execution_count = [], None
    return notebook


def is_check(cell: nbformat.NotebookNode) -> bool:
    """Whether the cell asks the workbench for a verdict or a hint."""
    lines = cell.source.strip().splitlines()
    return bool(lines) and lines[-1].startswith(("check(", "hint("))


def _told(cell: nbformat.NotebookNode) -> tuple:
    return cell.cell_type, cell.source, sorted(cell.metadata.get("tags", []))
