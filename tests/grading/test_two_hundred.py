"""Two hundred submissions of every sort, a grading that is killed twice, and the gradebook it must give."""

import csv
import json
import os
import random
import signal
import subprocess
import time
from dataclasses import dataclass

import pytest

from workbench.judging.check import check_exercise

from .classroom import (
    FORMS,
    Files,
    course_with,
    exercise,
    grade_command,
    hand_in,
    processes_of,
    right,
    starters,
    variant,
)

EXERCISES = ("risk-level", "hosting", "features-in-sql", "health-endpoint")
SEED = 20_260_301
AT_ONCE = 3
WRONG = {
    "risk-level": ("nan_slips_through", "boundary_included", "wrong_words"),
    "hosting": ("each_commit_goes_live", "a_comma_too_many"),
    "features-in-sql": ("cutoff_included",),
    "health-endpoint": ("hard_coded_version",),
}
OTHER_ANSWERS = {"risk-level": "table_and_bisect", "hosting": "the_checks_decide"}
HOSTILE = {
    "exits at import": "import os\nos._exit(0)\n",
    "exits in the call": "import os\ndef risk_level(p):\n    os._exit(0)\n",
    "equals everything": "class A(str):\n    __eq__ = lambda *_: True\n    __hash__ = str.__hash__\n"
    "def risk_level(p):\n    return A('low')\n",
    "kills its group": "import os, signal\nos.killpg(0, signal.SIGKILL)\n",
    "recurses": "def risk_level(p):\n    return risk_level(p)\n",
    "a constant": "def risk_level(p):\n    return '<script>alert(1)</script>'\n",
}
BROKEN = (
    *(b"", b"no archive at all", b"PK\3\4 cut off", b"\x1f\x8b\x08 cut off"),
    *(b"# v2 git bundle\nx", b"Rar!\x1a"),
)


@dataclass(frozen=True)
class Expected:
    """A row of the gradebook. `points` by exercise."""

    status: str
    points: dict[str, int]


@pytest.fixture(scope="module")
def points_of(tmp_path_factory):
    """`points_of(exercise, files)`: what one check of these files, outside any grading, earns."""
    known = {}

    def points(name: str, files: Files) -> int:
        key = (name, *files.values())
        if key not in known:
            project = hand_in(tmp_path_factory.mktemp("alone"), "exercises", files)
            known[key] = check_exercise(
                course_with(project), exercise(name), seed=SEED
            ).points_earned
        return known[key]

    return points


@pytest.fixture(scope="module")
def classroom(tmp_path_factory, points_of):
    """The folder of everything that was handed in, and the row that each must get."""
    folder, expected = tmp_path_factory.mktemp("class"), {}
    untouched = starters(*EXERCISES)
    draw = random.Random(SEED)

    def add(name: str, files: Files, status="graded", form="", **points: int) -> None:
        number = len(expected) + 1
        named = f"{number:03d} {name}"
        hand_in(folder, named, untouched | files, form or FORMS[number % len(FORMS)])
        earned = {exercise_id.replace("_", "-"): value for exercise_id, value in points.items()}
        expected[named] = Expected(status, dict.fromkeys(EXERCISES, 0) | earned)

    def full(name: str) -> dict[str, int]:
        return {name.replace("-", "_"): exercise(name).points}

    for name, times in zip(EXERCISES, (54, 30, 4, 4), strict=True):
        for number in range(times):
            other = OTHER_ANSWERS.get(name) if number % 4 == 3 else None
            files = variant(name, "answer", other) if other else right(name)
            add(f"right {name}", files, form="bundle" if number % 8 == 5 else "", **full(name))
    for name, times in zip(EXERCISES, (30, 18, 3, 2), strict=True):
        for number in range(times):
            mistake = WRONG[name][number % len(WRONG[name])]
            files = variant(name, "mistake", mistake)
            earned = points_of(name, files)
            assert earned < exercise(name).points, mistake
            add(f"wrong {name}", files, **{name.replace("-", "_"): earned})
    for title, text in HOSTILE.items():
        files = {"churn_service/risk.py": text.encode()}
        add(f"hostile, {title}", files)
    ends = {"churn_service/risk.py": b"import sys; sys.exit()"}
    add("hostile, in one of two", ends | right("hosting"), **full("hosting"))
    for name, content in (("binary", b"\xff\xfe\0"), ("huge", b"#" * 3_000_000)):
        add(f"hostile, {name}", {"churn_service/risk.py": content})
    for stray in ("conftest.py", "sitecustomize.py", "churn_service/json.py", "pytest.ini"):
        files = right("risk-level") | {stray: b"import os; os._exit(0)"}
        add(f"right beside a stray {stray.replace('/', ' ')}", files, **full("risk-level"))
    windows = {
        path: b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n")
        for path, text in right("risk-level").items()
    }
    add("windows", windows, **full("risk-level"))
    add("<b>=2+3<b> Zoë 雪", right("risk-level"), **full("risk-level"))
    for _ in range(16):
        add("not started", {}, status="not_started")
    while len(expected) < 200:
        named = f"{len(expected) + 1:03d} broken"
        (folder / f"{named}.zip").write_bytes(draw.choice(BROKEN))
        expected[named] = Expected("unreadable", dict.fromkeys(EXERCISES, 0))
    return folder, expected


def command(classroom, output):
    chosen = [word for name in EXERCISES for word in ("--exercise", name)]
    options = ["--isolation", "process", "--jobs", AT_ONCE, "--seed", SEED]
    return grade_command(classroom[0], "--out", output, *options, *chosen)


def finished(output) -> dict[str, int]:
    """The records so far, with the moment each was written."""
    return {file.name: file.stat().st_mtime_ns for file in (output / "submissions").glob("*.json")}


def kill_at(classroom, output, root, count: int) -> None:
    """Grades until `count` are finished, then kills the grading, as a power cut would."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command(classroom, output), cwd=root, **quiet)
    while len(finished(output)) < count:
        assert process.poll() is None, "the grading ended by itself"
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    scratch = json.loads((output / "grading.json").read_text())["scratch"]
    deadline = time.monotonic() + 60
    while processes_of(scratch) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of(scratch) == [], "the judging went on without the grading"


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX has them")
def test_a_class_of_two_hundred_survives_two_kills_with_the_gradebook_as_constructed(
    classroom, tmp_path, root
):
    _, expected = classroom
    assert len(expected) == 200
    output = tmp_path / "graded"
    kill_at(classroom, output, root, 50)
    first = finished(output)
    kill_at(classroom, output, root, 120)
    second = finished(output)
    ended = subprocess.run(command(classroom, output), cwd=root, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    last = finished(output)
    assert len(last) == 200
    assert first.items() <= second.items() <= last.items(), "a finished submission was graded again"

    with (output / "gradebook.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert rows.keys() == expected.keys()
    wrong = {name: rows[name] for name, row in expected.items() if _differs(rows[name], row)}
    assert wrong == {}
    facts = json.loads((output / "class.json").read_text(encoding="utf-8"))
    assert facts["submissions"] == 200
    assert facts["statuses"]["unreadable"] == sum(
        row.status == "unreadable" for row in expected.values()
    )


def _differs(row: dict, expected: Expected) -> bool:
    points = {name: int(row[name]) for name in EXERCISES}
    return (row["status"], points, int(row["points"])) != (
        expected.status,
        expected.points,
        sum(expected.points.values()),
    )
