"""Grading in containers: what a submission can reach there, what is judged outside, what is left over."""

import csv
import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from workbench.grading.images import ensure_image, image_name, is_built
from workbench.grading.places import LABEL, InContainer

from ..conftest import has_engine, require
from .classroom import COURSE, FORMS, hand_in, right, starters, variant

# enough for the exercises graded here; the whole of the requirements takes a minute to install
PACKAGES = {
    "flask",
    "werkzeug",
    "jinja2",
    "markupsafe",
    "click",
    "itsdangerous",
    "blinker",
    "pyyaml",
    "pydantic",
    "pydantic-core",
    "annotated-types",
    "typing-extensions",
    "typing-inspection",
    "pytest",
    "iniconfig",
    "packaging",
    "pluggy",
    "pygments",
    "rich",
    "typer",
    "numpy",
    "msgspec",
    "duckdb",
    "prometheus-client",
}
LOOKS_AROUND = b"""
import os, socket


def can(act):
    try:
        act()
    except BaseException:
        return False
    return True


def devices():
    try:
        return [name for name in os.listdir('/sys/class/net') if name != 'lo']
    except OSError:  # the judge itself may keep more from us than the container does
        return []


def risk_level(probability):
    raise RuntimeError(
        f"user={os.getuid()} network={can(lambda: socket.create_connection(('192.0.2.1', 80), 1))} "
        f"devices={devices()} "
        f"course={can(lambda: open('/course/workbench/mine', 'w'))} "
        f"submission={can(lambda: open('/submission/exercises/mine', 'w'))} "
        f"root={can(lambda: open('/mine', 'w'))}"
    )
"""
COMMAND = "import sys; from workbench.cli import main; sys.exit(main(sys.argv[1:]))"
HANGS = b"def risk_level(p):\n    while True:\n        pass\n"


def in_requirements(text: str, names: set[str]) -> str:
    """The entries of a requirements file, hashes and all, whose packages are named."""
    entries = re.split(r"\n(?=[a-z0-9])", text)
    return "\n".join(entry for entry in entries if re.split(r"[=\[ ]", entry)[0] in names) + "\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course with fewer requirements, and its grading image for as long as it is needed."""
    require("docker", has_engine(), "start the Docker engine")
    root = tmp_path_factory.mktemp("course")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("workbench", "tests/checks", "solutions", "bookstore_model", "exercises"):
        shutil.copytree(COURSE.root / name, root / name, ignore=ignored)
    text = (COURSE.root / "requirements.txt").read_text(encoding="utf-8")
    (root / "requirements.txt").write_text(in_requirements(text, PACKAGES), encoding="utf-8")
    made = replace(COURSE, root=root, project=root / "exercises")
    yield made
    subprocess.run(["docker", "rmi", "--force", image_name(root)], capture_output=True)


def containers() -> list[str]:
    asked = ["docker", "ps", "--all", "--quiet", "--filter", f"label={LABEL}"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()


def test_the_image_is_built_once_for_the_same_requirements(course):
    assert not is_built(course.root)
    name = ensure_image(course.root)
    assert is_built(course.root)
    assert ensure_image(course.root) == name
    file = course.root / "requirements.txt"
    text = file.read_text()
    file.write_text(text + "# another set\n")
    assert image_name(course.root) != name
    file.write_text(text)


def test_ten_submissions_in_containers_get_the_gradebook_as_constructed(graded_class, course):
    chosen = ("risk-level", "hosting", "health-endpoint")
    exits = {"churn_service/risk.py": b"import os\nos._exit(0)\n"}
    expected = {
        "right": (right("risk-level"), "5"),
        "right twice": (right("risk-level") | right("hosting"), "15"),
        "other answer": (variant("risk-level", "answer", "table_and_bisect"), "5"),
        "a service": (right("health-endpoint"), "10"),
        "wrong": (variant("risk-level", "mistake", "nan_slips_through"), "4"),
        "exits": (exits, "0"),
        "exits in one": (exits | right("hosting"), "10"),
        "looks around": ({"churn_service/risk.py": LOOKS_AROUND}, "0"),
        "untouched": (starters(*chosen), "0"),
    }
    for number, (name, (files, _)) in enumerate(expected.items()):
        hand_in(graded_class.folder, name, files, FORMS[number % len(FORMS)])
    (graded_class.folder / "broken.zip").write_bytes(b"PK")
    assert graded_class.grade(*chosen, course=course, isolation="docker") == 0
    rows = {
        row["name"]: row for row in csv.DictReader(graded_class.text("gradebook.csv").splitlines())
    }
    found = {name: row["points"] for name, row in rows.items()}
    assert found == {name: points for name, (_, points) in expected.items()} | {"broken": "0"}
    assert {row["isolation"] for row in rows.values()} == {"docker", "not run"}
    assert rows["broken"]["status"] == "unreadable"
    (page,) = (graded_class.output / "feedback").glob("looks-around-*.html")
    told = page.read_text(encoding="utf-8")
    seen = "user=10001 network=False devices=[] course=False submission=False root=False"
    assert seen in told
    assert "a container without network" in graded_class.text("class.html")
    assert containers() == []


def test_what_a_container_cannot_judge_is_judged_outside_and_the_report_says_so(
    graded_class, course
):
    hand_in(graded_class.folder, "ada", {"deploy/alerts.yml": b"groups: []\n"} | right("hosting"))
    graded_class.grade("alert-rules", "hosting", course=course, isolation="docker")
    ada = graded_class.records()["ada"]
    where = {row["result"]["exercise"]: row["isolation"] for row in ada["exercises"]}
    assert where == {"alert-rules": "process", "hosting": "docker"}
    assert ada["isolation"]["outside"] == ["alert-rules"]
    assert "outside the container: alert-rules" in graded_class.text("class.html")


def test_a_container_ends_with_the_deadline_of_its_submission(graded_class, course):
    hand_in(graded_class.folder, "ada", {"churn_service/risk.py": HANGS})
    graded_class.grade("risk-level", course=course, isolation="docker", deadline_seconds=5)
    assert graded_class.records()["ada"]["status"] == "timeout"
    assert containers() == []


@pytest.mark.parametrize("seconds", [0, 0.05, 0.2, 0.5])
def test_a_container_that_is_still_starting_is_removed(course, tmp_path, seconds):
    place = InContainer(course.root, course.project, ensure_image(course.root))
    with (tmp_path / "errors").open("wb") as errors:
        process = place.start(errors)
        time.sleep(seconds)
        place.end(process)
    assert process.poll() is not None
    assert containers() == []


def test_a_container_ends_when_the_grading_is_killed(graded_class, course):
    hand_in(graded_class.folder, "ada", {"churn_service/risk.py": HANGS})
    options = ("--isolation", "docker", "--exercise", "risk-level", "--out", graded_class.output)
    command = [sys.executable, "-c", COMMAND, "grade", graded_class.folder, *options]
    process = subprocess.Popen([str(word) for word in command], cwd=course.root)
    while not containers():
        assert process.poll() is None
        time.sleep(0.1)
    process.kill()
    process.wait()
    scratch = json.loads((graded_class.output / "grading.json").read_text())["scratch"]
    shutil.rmtree(scratch)  # the next grading into this folder would do it
    deadline = time.monotonic() + 60
    while containers() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert containers() == []
