"""Broken, strange and oversized submissions, and litter beside them, for every type of exercise."""

import os

import pytest

from workbench.course.derive import solution_from
from workbench.sandbox import protections

STOPPED = ("failed", "error", "timeout")  # the last on a busy machine: deadlines are short here
EXERCISES = ("risk-level", "health-endpoint", "service-tests", "hosting")
LITTER = {
    "conftest.py": "import os\nos._exit(0)\n",
    "pytest.ini": "[pytest]\naddopts = --collect-only -p evil\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--collect-only'\n",
    "setup.cfg": "[tool:pytest]\naddopts = --collect-only\n",
    "sitecustomize.py": "import os\nos._exit(0)\n",
    "usercustomize.py": "import os\nos._exit(0)\n",
    "evil.pth": "import os; os._exit(0)\n",
    "json.py": "import os\nos._exit(0)\n",
    "flask.py": "import os\nos._exit(0)\n",
    "pytest.py": "def main(*a, **k): return 0\n",
    "yaml.py": "def load(*a): return {}\n",
    "churn_service/app.py": "import os\nos._exit(0)\n",
    "tests/conftest.py": "import os\nos._exit(0)\n",
    "workbench/__init__.py": "import os\nos._exit(0)\n",
    ".env": "PYTHONSTARTUP=evil.py\n",
    ".risk.py.swp": "b0VIM\x00",
    "churn_service/risk.py~": "def risk_level(p): return 'old'\n",
    "churn_service/.#risk.py": "",
    "churn_service/#risk.py#": "unfinished (\n",
}
WRONG = {
    "risk-level": "def risk_level(probability):\n    return 'low'\n",
    "health-endpoint": "def init_app(app, predictor):\n    pass\n",
    "service-tests": "def test_nothing():\n    pass\n",
    "hosting": "services: []\n",
}


def right(shooting_range, exercise_id: str) -> list[str]:
    exercise = shooting_range.catalog.exercise(exercise_id)
    return [
        solution_from((shooting_range.course.reference / path).read_text("utf-8"))
        for path in exercise.files
    ]


@pytest.fixture
def litter(shooting_range):
    """Files beside the submission that a tool might pick up."""
    made = []
    for name, text in LITTER.items():
        file = shooting_range.course.project / name
        made.append((file, file.read_bytes() if file.exists() else None))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    yield
    for file, before in made:
        file.unlink() if before is None else file.write_bytes(before)


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_litter_in_the_project_neither_helps_nor_harms(shooting_range, litter, exercise_id):
    shooting_range.put(exercise_id, WRONG[exercise_id])
    assert shooting_range.judge(exercise_id).verdict in ("failed", "timeout")
    shooting_range.put(exercise_id, *right(shooting_range, exercise_id))
    shooting_range.expect_passed(exercise_id)


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_windows_line_ends_and_a_byte_order_mark_pass_when_right(shooting_range, exercise_id):
    contents = right(shooting_range, exercise_id)
    marked = [b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() for text in contents]
    shooting_range.put(exercise_id, *marked)
    shooting_range.expect_passed(exercise_id)


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_links_out_of_the_project_are_not_followed(shooting_range, exercise_id):
    exercise = shooting_range.catalog.exercise(exercise_id)
    targets = [shooting_range.course.reference / exercise.files[0], "/dev/zero", "/proc/self/mem"]
    for target in (*targets, shooting_range.course.root / "solutions", "itself"):
        (file, *_) = shooting_range.put(exercise_id, WRONG[exercise_id])
        file.unlink()
        file.symlink_to(file.name if target == "itself" else target)
        result = shooting_range.judge(exercise_id)
        assert result.verdict == "failed"
        assert exercise.files[0] in result.first_problem.message
        file.unlink()


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_what_is_no_plain_text_of_a_size_to_read_is_refused_by_name(shooting_range, exercise_id):
    path = shooting_range.catalog.exercise(exercise_id).files[0]
    for content, told in (
        (b"# " + b"x" * 10_000_000, "bytes; a check takes at most"),
        (b"\x7fELF" + bytes(range(256)) * 99, "not UTF-8"),
        (b"x = '\xff\xfe'\n", "not UTF-8"),
        ("# BEGIN SOLUTION\n" + WRONG[exercise_id], "BEGIN SOLUTION"),
    ):
        shooting_range.put(exercise_id, content)
        result = shooting_range.judge(exercise_id)
        assert result.verdict == "failed"
        assert path in result.first_problem.message and told in result.first_problem.message


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_a_pipe_and_a_folder_in_place_of_a_file_are_refused(shooting_range, exercise_id):
    (file, *_) = shooting_range.put(exercise_id, WRONG[exercise_id])
    file.unlink()
    file.mkdir()
    assert shooting_range.judge(exercise_id).verdict == "failed"
    file.rmdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(file)
        assert shooting_range.judge(exercise_id).verdict == "failed"
        file.unlink()


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_source_that_is_strange_to_a_parser_never_passes(shooting_range, exercise_id):
    strange = (
        "\x00" * 100,
        "x = " + "-" * 90_000 + "1\n",
        "# -*- coding: rot13 -*-\n\ufeff\u202e" + WRONG[exercise_id] + "\x1b[2J",
    )
    for text in strange:
        shooting_range.put(exercise_id, text)
        assert shooting_range.judge(exercise_id).verdict in STOPPED, text[:40]


def test_processes_that_start_anew_are_under_the_same_rules(shooting_range, monkeypatch):
    if not (protections.holds("files") and protections.holds("group")):
        pytest.skip("no rules on this system")
    monkeypatch.setattr("workbench.sandbox.warm_process.CAN_WARM", False)
    monkeypatch.delenv("WORKBENCH_WARM")
    shooting_range.put(
        "risk-level",
        shooting_range.filled("exec(open(r'@COURSE@/solutions/churn_service/risk.py').read())\n"),
    )
    result = shooting_range.judge("risk-level")
    assert result.verdict == "error"
    assert "PermissionError" in result.first_problem.message
