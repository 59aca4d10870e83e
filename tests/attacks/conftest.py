"""The range: a course that attacks are let loose on, and what must be unharmed afterwards."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from tests.attacks.corpus import HOSTS, Attack
from workbench.course.catalog import load_catalog
from workbench.course.derive import regions_of
from workbench.course.place import Course
from workbench.judging.check import check_exercise
from workbench.judging.results import ExerciseResult
from workbench.sandbox import deadlines, warden
from workbench.sandbox.warm_process import CAN_WARM, LIBRARIES, WARM_VARIABLE, Warm

DEADLINE_SECONDS = 1.5
SECRET = "WORKBENCH_CANARY"
NEVER_SHOWN = re.compile(
    r"Traceback|_pytest|site-packages|workbench/\w+/|child\.py|/judged/|[\x00-\x08\x0b-\x1f\x7f\u202e\ud800]"
)


class Range:
    """A copy of the course in `folder`, a canary beside it, and a server that gives the course away."""

    def __init__(self, root: Path, folder: Path):
        self.root = root
        self.folder = folder
        for name in ("solutions", "exercises", "bookstore_model", "tests/checks", "workbench"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(root / name, folder / "course" / name, ignore=ignored)
        self.course = Course(folder / "course", folder / "course" / "exercises")
        self.catalog = load_catalog(self.course.catalog_file)
        self.canary = folder / "canary.txt"
        self.token = f"left-behind-{secrets.token_hex(6)}"
        handler = functools.partial(Quiet, directory=str(self.course.root))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def filled(self, text: str) -> str:
        """The attack's text, with what a determined attacker would have found out."""
        found = {
            "@COURSE@": self.course.root,
            "@CANARY@": self.canary,
            "@TOKEN@": self.token,
            "@PORT@": self.server.server_address[1],
        }
        for name, value in found.items():
            text = text.replace(name, str(value))
        return text

    def put(self, exercise_id: str, *contents: str | bytes) -> list[Path]:
        """Hands in the contents as the exercise's files; those that are not given are the reference's."""
        files = []
        for number, path in enumerate(self.catalog.exercise(exercise_id).files):
            file = self.course.project / path
            file.unlink(missing_ok=True)
            file.parent.mkdir(parents=True, exist_ok=True)
            content = (
                contents[number]
                if number < len(contents)
                else (self.course.reference / path).read_bytes()
            )
            file.write_bytes(content.encode() if isinstance(content, str) else content)
            files.append(file)
        return files

    def judge(self, exercise_id: str) -> ExerciseResult:
        """Checks what was handed in; nothing may be harmed, left behind or given away."""
        self.canary.write_text("sings")
        before = self.state()
        result = check_exercise(self.course, self.catalog.exercise(exercise_id))
        assert self.state() == before, "files were harmed"
        assert not self.left_behind(), "processes were left behind"
        self.expect_fit_messages(exercise_id, result)
        return result

    def expect_stopped(self, attack: Attack, exercise_id: str) -> None:
        """The attack must not pass, and must get a verdict that makes sense."""
        result = self.judge(exercise_id)
        problem = result.first_problem
        told = f"{result.verdict}: {problem.message if problem else ''}"
        assert result.verdict in attack.verdicts, told
        assert problem.message.strip(), "no message"

    def expect_passed(self, exercise_id: str) -> None:
        """What was handed in is right; a busy machine has time to find out."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("workbench.boundary.conversation.DEADLINE_SECONDS", 60.0)
            result = self.judge(exercise_id)
        assert result.verdict == "passed", result.first_problem.message

    def expect_fit_messages(self, exercise_id: str, result: ExerciseResult) -> None:
        exercise = self.catalog.exercise(exercise_id)
        answers = [
            line.strip()
            for path in exercise.files
            for region in regions_of((self.course.reference / path).read_text("utf-8"))
            for line in region.splitlines()
            if len(line.strip()) > 30
        ]
        for check in result.checks:
            assert not NEVER_SHOWN.search(check.message), check.message
            assert str(self.root) not in check.message, check.message
            assert len(check.message) < 10_000
            assert f"{SECRET}=" not in check.message
            assert not [line for line in answers if line in check.message], check.message

    def state(self) -> dict[str, object]:
        """What must not change: the course, the canary, the packages, this checkout's answers.

        A file's own clock (`st_ctime`) shows every change of it, and nobody can set it.
        """
        found: dict[str, object] = {"canary": self.canary.exists() and self.canary.read_text()}
        for folder in (self.course.root, self.root / "solutions", self.root / "tests" / "checks"):
            for place, _, names in os.walk(folder):
                for name in names if not place.endswith("__pycache__") else []:
                    seen = (Path(place) / name).lstat()
                    found[f"{place}/{name}"] = (seen.st_size, seen.st_ctime_ns, seen.st_mode)
        packages = Path(pytest.__file__).parent.parent
        found["packages"] = sorted(entry.name for entry in packages.iterdir())
        return found

    def left_behind(self) -> list[str]:
        """Processes that still run and came from a judged tree."""
        until = time.monotonic() + 10
        while (found := self.running()) and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def running(self) -> list[str]:
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (place / "stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                    continue
                words = (place / "cmdline").read_text(errors="replace").replace("\0", " ")
                where = str((place / "cwd").readlink())
                in_tree = where.startswith(str(self.folder)) and "workbench-" in where
                if self.token in words or "sleep 301" in words or in_tree:
                    found.append(f"{place.name}: {words[:200]} in {where}")
        return found

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def shooting_range(root, tmp_path_factory):
    """One course for a file's attacks, its processes warm, with short deadlines and small limits."""
    folder = tmp_path_factory.mktemp("range").resolve()
    (folder / "temporary").mkdir()
    made = Range(root, folder)
    trim_the_checks(made.course)
    decoy = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"],
        stdin=subprocess.PIPE,
        env={**os.environ, SECRET: "the judge's secret"},
    )
    warm = Warm(*LIBRARIES) if CAN_WARM else None
    with pytest.MonkeyPatch.context() as patch:
        if warm:
            patch.setenv(WARM_VARIABLE, warm.address)
        patch.setenv(SECRET, "the judge's secret")
        patch.setattr(tempfile, "tempdir", str(folder / "temporary"))
        patch.setattr("workbench.boundary.conversation.DEADLINE_SECONDS", DEADLINE_SECONDS)
        patch.setattr("workbench.instruments.github.runner.STEP_SECONDS", 0.7)
        patch.setattr(deadlines, "waits", lambda base: iter([base]))
        patch.setattr("workbench.sandbox.commands.waits", lambda base: iter([base]))
        patch.setattr(warden, "most_memory_bytes", lambda: 1 << 30)
        patch.setattr(warden, "MOST_WRITTEN_BYTES", 200 << 20)
        yield made
    if warm:
        warm.close()
    decoy.stdin.close()
    decoy.wait()
    made.close()


KEPT_CHECKS = (
    "test_health_answers_with_status_and_version",
    "test_ready_is_refused_when_the_prediction_raises",
    "test_ready_asks_the_model_each_time",
)


def trim_the_checks(course: Course) -> None:
    """As strict, and quicker: two broken services, both to be caught; three checks of /health and /ready."""
    file = course.checks / "broken" / "services.toml"
    kept = file.read_text("utf-8").split("[[service]]")[:3]
    file.write_text("[[service]]".join(kept), encoding="utf-8")
    check = course.checks / "test_service_tests.py"
    text = check.read_text("utf-8")
    assert "CATCH_AT_LEAST = 12" in text
    check.write_text(text.replace("CATCH_AT_LEAST = 12", "CATCH_AT_LEAST = 2"), encoding="utf-8")
    check = course.checks / "test_health_endpoint.py"
    head, *parts = re.split(r"(?m)^(?=def test_)", check.read_text("utf-8"))
    kept = [
        part for part in parts if part.startswith(tuple(f"def {name}(" for name in KEPT_CHECKS))
    ]
    assert len(kept) == len(KEPT_CHECKS)
    check.write_text(head + "".join(kept), encoding="utf-8")


@pytest.fixture
def hand_in(shooting_range):
    """`hand_in(attack, exercise_id)`: hands the attack in; it must be stopped, and harm nothing."""

    def attacking(attack: Attack, exercise_id: str) -> None:
        text = attack.text()
        if attack.kind == "python":
            text = HOSTS[exercise_id] + "\n\n" + text
        shooting_range.put(exercise_id, shooting_range.filled(text))
        shooting_range.expect_stopped(attack, exercise_id)

    return attacking
