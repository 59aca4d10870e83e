"""A project of a few files, for the instruments that read one."""

from pathlib import Path

import pytest

from workbench.boundary.project import Project


@pytest.fixture
def project_of(tmp_path):
    """`project_of({path: text})`: a project that holds these files."""

    def making(files: dict[str, str]) -> Project:
        folder = tmp_path / "judged" / "project"
        for path, text in files.items():
            file: Path = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return Project(folder, warm=None)

    return making
