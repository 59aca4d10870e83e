"""One grading after another: what is kept, what is judged again, and what is said about it."""

import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import replace

import pytest

from workbench.cli import main
from workbench.course.catalog import load_catalog
from workbench.course.place import Course
from workbench.course.problems import UserError
from workbench.grading import lanes, records, run
from workbench.grading.versions import exercise_version
from workbench.setup.lock import only_one

from .classroom import COURSE, FORMS, grade_command, hand_in, processes_of, right, starters, variant

HANGS = {"churn_service/risk.py": b"def risk_level(p):\n    while True:\n        pass\n"}


def verdicts(records: dict) -> dict:
    """All that a grading decides: no seconds."""
    told = {}
    for name, record in records.items():
        rows = [row["result"] | {"seconds": 0} for row in record["exercises"]]
        for row in rows:
            row["checks"] = [check | {"seconds": 0} for check in row["checks"]]
        told[name] = (record["status"], record["points"], rows)
    return told


def moments(output) -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in (output / "submissions").glob("*.json")}


def test_the_same_seed_gives_the_same_verdicts_and_messages(graded_class, tmp_path):
    for number, mistake in enumerate(("nan_slips_through", "boundary_included")):
        files = variant("risk-level", "mistake", mistake) | right("hosting")
        hand_in(graded_class.folder, f"wrong {number}", files, FORMS[number])
    hand_in(graded_class.folder, "right", variant("features-in-sql", "mistake", "cutoff_included"))
    chosen = ("risk-level", "hosting", "features-in-sql")
    assert graded_class.grade(*chosen, seed=None) == 0
    first = graded_class.records()
    graded_class.output = tmp_path / "again"
    drawn = {record["seed"] for record in first.values()}
    assert len(drawn) == 1
    assert graded_class.grade(*chosen, seed=drawn.pop(), jobs=1) == 0
    assert verdicts(graded_class.records()) == verdicts(first)
    for record in first.values():
        assert record["isolation"]["kind"] == "process"


def test_a_seed_is_drawn_once_and_stays_with_the_folder(graded_class):
    hand_in(graded_class.folder, "ada", starters("risk-level"))
    graded_class.grade("risk-level", seed=None)
    drawn = graded_class.records()["ada"]["seed"]
    graded_class.grade("risk-level", seed=None)
    assert "0 graded now, 1 were finished before" in graded_class.said
    graded_class.grade("risk-level", seed=drawn + 1)
    assert "1 graded now" in graded_class.said
    assert graded_class.records()["ada"]["seed"] == drawn + 1


def test_only_what_has_changed_is_graded_again(graded_class):
    hand_in(graded_class.folder, "ada", starters("risk-level"), "zip")
    hand_in(graded_class.folder, "bob", starters("risk-level"), "zip")
    graded_class.grade("risk-level")
    before = moments(graded_class.output)
    (graded_class.folder / "ada.zip").unlink()
    hand_in(graded_class.folder, "ada", right("risk-level"), "tar.gz")
    graded_class.grade("risk-level")
    assert "2 submissions: 1 graded now, 1 were finished before" in graded_class.said
    after = moments(graded_class.output)
    assert after["bob.json"] == before["bob.json"] and after["ada.json"] != before["ada.json"]
    assert graded_class.records()["ada"]["points"] == {"earned": 5, "possible": 5}


def test_the_same_files_handed_in_again_keep_their_verdict_and_get_the_new_time(graded_class):
    project = hand_in(graded_class.folder, "ada", right("hosting"))
    graded_class.grade("hosting")
    before = graded_class.records()["ada"]
    for file in project.rglob("*"):
        os.utime(file, (1_700_000_000, 1_700_000_000))
    graded_class.grade("hosting")
    assert "1 were finished before" in graded_class.said
    assert graded_class.records()["ada"] == before | {"handed_in": "2023-11-14T22:13:20+00:00"}


def test_another_version_of_the_course_grades_everybody_again(graded_class, monkeypatch):
    hand_in(graded_class.folder, "ada", starters("risk-level"))
    graded_class.grade("risk-level")
    monkeypatch.setattr("workbench.grading.records.exercise_version", lambda *_: "0" * 64)
    graded_class.grade("risk-level")
    assert "1 graded now" in graded_class.said


CATALOGUE = load_catalog(COURSE.catalog_file)


@pytest.fixture
def course(tmp_path):
    """The course with a catalogue of its own: `change` changes a row of it."""
    made = tmp_path / "course"
    made.mkdir()
    for name in ("tests", "solutions", "bookstore_model", "workbench", "requirements.txt", "data"):
        (made / name).symlink_to(COURSE.root / name)
    shutil.copytree(COURSE.exercises, made / "exercises", ignore=shutil.ignore_patterns("model"))
    return Course(made, made / "exercises")


def change(course, name: str, old: str, new: str) -> None:
    """Changes the row of an exercise in a copied catalogue."""
    text = course.catalog_file.read_text("utf-8")
    start = text.index(f'id = "{name}"')
    end = text.index("[[exercise]]", start)
    assert old in text[start:end]
    row = text[start:end].replace(old, new, 1)
    course.catalog_file.write_text(text[:start] + row + text[end:], encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "points"),
    [
        ("From a probability", "Out of a probability", {"earned": 4, "possible": 5}),
        ("Read the docstring", "Read all of the docstring", {"earned": 4, "possible": 5}),
        ("minutes = 5", "minutes = 50", {"earned": 4, "possible": 5}),
        ("points = 5", "points = 50", {"earned": 40, "possible": 50}),
        (
            "points = 5",
            "points = 5\nweights = {test_nan_is_refused = 6}",
            {"earned": 2, "possible": 5},
        ),
    ],
)
def test_a_title_a_hint_or_a_weight_grades_nobody_again_and_points_follow(
    graded_class, course, old, new, points
):
    mistake = variant("risk-level", "mistake", "nan_slips_through")
    hand_in(graded_class.folder, "ada", mistake)
    graded_class.grade("risk-level", course=course)
    before = graded_class.records()["ada"]
    passed = sum(c["verdict"] == "passed" for c in before["exercises"][0]["result"]["checks"])
    assert (passed, before["points"]) == (4, {"earned": 4, "possible": 5})
    change(course, "risk-level", old, new)
    graded_class.grade("risk-level", course=course)
    assert "0 graded now, 1 were finished before" in graded_class.said
    assert graded_class.records()["ada"]["points"] == points
    assert f",{points['earned']},{points['possible']}," in graded_class.text("gradebook.csv")


def test_another_check_grades_its_exercise_again_and_no_other(graded_class, monkeypatch):
    hand_in(graded_class.folder, "ada", starters("risk-level", "hosting"))
    graded_class.grade("risk-level", "hosting")
    version = records.exercise_version
    monkeypatch.setattr(
        records,
        "exercise_version",
        lambda root, e: "0" * 64 if e.id == "hosting" else version(root, e),
    )
    before = rows_of(graded_class)
    graded_class.grade("risk-level", "hosting")
    assert "1 graded now" in graded_class.said
    after = rows_of(graded_class)
    assert [after[name] == before[name] for name in ("risk-level", "hosting")] == [True, False]


def rows_of(graded) -> dict[str, dict]:
    return {row["result"]["exercise"]: row for row in graded.records()["ada"]["exercises"]}


def test_what_decides_a_verdict_is_in_the_version_and_what_a_learner_reads_is_not(tmp_path):
    for name in ("solutions", "tests/checks"):
        (tmp_path / name).mkdir(parents=True)
    exercise = CATALOGUE.exercise("prediction-cache")
    check = tmp_path / "tests/checks" / exercise.check_file
    check.write_text('PROBE = Path(__file__).parent / "probes" / "held.py"\n', encoding="utf-8")
    probe = tmp_path / "tests/checks/probes/held.py"
    probe.parent.mkdir()
    probe.write_text("one", encoding="utf-8")
    version = exercise_version(tmp_path, exercise)
    assert exercise_version(tmp_path, replace(exercise, title="t", hints=(), points=9)) == version
    assert exercise_version(tmp_path, replace(exercise, needs=("docker",))) != version
    probe.write_text("two", encoding="utf-8")
    exercise_version.cache_clear()
    assert exercise_version(tmp_path, exercise) != version


def test_one_exercise_graded_again_leaves_the_verdicts_of_the_others(graded_class):
    hand_in(graded_class.folder, "ada", right("risk-level") | right("hosting"))
    graded_class.grade("risk-level", "hosting")
    before = rows_of(graded_class)
    graded_class.grade("risk-level", seed=8)
    assert "1 graded now" in graded_class.said
    assert "1 other exercises keep the verdicts they had" in graded_class.said
    after = rows_of(graded_class)
    assert after["hosting"] == before["hosting"]
    assert [after[name]["seed"] for name in ("risk-level", "hosting")] == [8, 7]
    ada = graded_class.records()["ada"]
    assert ada["points"] == {"earned": 15, "possible": 15}
    assert "hosting" in graded_class.text("gradebook.csv").partition("\n")[0]
    graded_class.grade("risk-level", "hosting", seed=7)
    assert rows_of(graded_class)["hosting"] == before["hosting"]


def test_a_hand_in_that_cannot_be_read_any_more_keeps_its_verdicts_for_a_later_one(graded_class):
    hand_in(graded_class.folder, "ada", right("hosting"), "zip")
    graded_class.grade("hosting")
    archive = graded_class.folder / "ada.zip"
    good = archive.read_bytes()
    archive.write_bytes(b"half of it")
    graded_class.grade("hosting")
    ada = graded_class.records()["ada"]
    assert (ada["status"], ada["points"]["earned"]) == ("unreadable", 0)
    assert "no points yet" in graded_class.text("feedback/ada.html")
    archive.write_bytes(good)
    graded_class.grade("hosting")
    ada = graded_class.records()["ada"]
    assert (ada["status"], ada["points"]["earned"]) == ("graded", 10)


def test_a_record_of_nobody_who_is_named_now_is_said(graded_class):
    hand_in(graded_class.folder, "ada", starters("hosting"), "zip")
    stray = hand_in(graded_class.folder, "stray", starters("hosting"), "zip")
    graded_class.grade("hosting")
    stray.unlink()
    graded_class.grade("hosting")
    assert "1 records are of nobody named now, and in no report: stray.json" in graded_class.said
    assert set(graded_class.records()) == {"ada", "stray"}


def test_a_record_that_was_damaged_is_made_again(graded_class):
    hand_in(graded_class.folder, "ada", starters("risk-level"))
    graded_class.grade("risk-level")
    (graded_class.output / "submissions" / "ada.json").write_text('{"schema": 1, "key"')
    graded_class.grade("risk-level")
    assert graded_class.records()["ada"]["status"] == "not_started"


def test_past_its_deadline_a_submission_is_stopped_and_each_exercise_left_says_so(graded_class):
    hand_in(graded_class.folder, "slow", HANGS | right("hosting"))
    graded_class.grade("risk-level", "hosting", deadline_seconds=4, jobs=1)
    slow = graded_class.records()["slow"]
    assert slow["status"] == "timeout"
    assert slow["points"]["earned"] == 0
    assert {row["result"]["verdict"] for row in slow["exercises"]} == {"timeout"}
    message = slow["exercises"][1]["result"]["checks"][0]["message"]
    assert "the 4 seconds of a submission were over" in message


def test_what_ran_out_of_time_is_kept_until_it_is_asked_for_again(graded_class):
    hand_in(graded_class.folder, "ada", right("hosting"))
    hand_in(graded_class.folder, "bob", starters("hosting"))
    graded_class.grade("hosting", deadline_seconds=0)
    assert graded_class.records()["ada"]["status"] == "timeout"
    graded_class.grade("hosting", deadline_seconds=600)
    assert "0 graded now, 2 were finished before" in graded_class.said
    graded_class.grade("hosting", deadline_seconds=600, retry=True)
    assert "1 graded now, 1 were finished before" in graded_class.said
    assert graded_class.records()["ada"]["points"] == {"earned": 10, "possible": 10}


def test_a_check_that_ran_out_of_time_is_judged_a_second_time(graded_class, monkeypatch):
    asked = []

    class SlowOnce(lanes.Judge):
        def result(self, exercise_id, seed):
            found = super().result(exercise_id, seed)
            asked.append(exercise_id)
            if len(asked) > 1:
                return found
            checks = (replace(found.checks[0], verdict="timeout"), *found.checks[1:])
            return replace(found, verdict="timeout", points_earned=0, checks=checks)

    monkeypatch.setattr(lanes, "Judge", SlowOnce)
    hand_in(graded_class.folder, "ada", right("hosting"))
    graded_class.grade("hosting")
    assert asked == ["hosting", "hosting"]
    assert graded_class.records()["ada"]["points"]["earned"] == 10


def test_what_this_machine_cannot_judge_counts_for_nothing_and_is_tried_again(
    graded_class, monkeypatch
):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    hand_in(graded_class.folder, "ada", right("compose-stack") | right("risk-level"))
    graded_class.grade("compose-stack", "risk-level")
    ada = graded_class.records()["ada"]
    assert ada["status"] == "environment"
    assert ada["points"] == {"earned": 5, "possible": 5}
    assert "Could not be judged on this machine" in graded_class.text("class.html")
    assert "counts neither for nor against you" in graded_class.text("feedback/ada.html")
    assert ",5,,5,100.0" not in graded_class.text("gradebook.csv")


class KilledJudge(lanes.Judge):
    """Kills its process when it is asked for risk-level: `times` times in all, `when` it is ready or not."""

    times, when_ready = 1, True

    def result(self, exercise_id, seed):
        if exercise_id == "risk-level" and self.when_ready:
            super().result("hosting", seed)  # now a process is there, and ready
        return super().result(exercise_id, seed)

    def _ask(self, exercise_id, seed):
        cls = type(self)
        if exercise_id == "risk-level" and cls.times:
            cls.times -= 1
            self.session.is_ready = self.when_ready
            self.session.process.kill()
        return super()._ask(exercise_id, seed)


@pytest.mark.parametrize(
    ("times", "when_ready", "points", "status", "verdict"),
    [
        (1, True, {"earned": 15, "possible": 15}, "graded", "passed"),
        (2, True, {"earned": 10, "possible": 15}, "graded", "error"),
        (2, False, {"earned": 10, "possible": 10}, "environment", "environment"),
    ],
)
def test_a_judge_that_ends_is_replaced_once_and_the_other_exercises_are_judged(
    graded_class, monkeypatch, times, when_ready, points, status, verdict
):
    judge = type("Killed", (KilledJudge,), {"times": times, "when_ready": when_ready})
    monkeypatch.setattr(lanes, "Judge", judge)
    hand_in(graded_class.folder, "ada", right("risk-level") | right("hosting"))
    graded_class.grade("risk-level", "hosting", jobs=1)
    ada = graded_class.records()["ada"]
    assert judge.times == 0
    assert (ada["points"], ada["status"]) == (points, status)
    assert ada["exercises"][0]["result"]["verdict"] == verdict


def test_a_fault_of_the_grading_itself_stops_nobody_else_and_is_not_kept(graded_class, monkeypatch):
    hand_in(graded_class.folder, "ada", starters("risk-level"))
    hand_in(graded_class.folder, "bob", starters("risk-level"))
    take_in = run.take_in

    def fails_for_ada(source, *rest):
        if source.name == "ada":
            raise AssertionError("a fault of ours")
        return take_in(source, *rest)

    monkeypatch.setattr(run, "take_in", fails_for_ada)
    assert graded_class.grade("risk-level") == 0
    assert "a fault of ours" in graded_class.text("gradebook.csv")
    assert set(graded_class.records()) == {"bob"}
    monkeypatch.undo()
    graded_class.grade("risk-level")
    assert set(graded_class.records()) == {"ada", "bob"}


def test_reports_tell_of_the_submissions_named_now(graded_class):
    hand_in(graded_class.folder, "ada", starters("risk-level"), "zip")
    hand_in(graded_class.folder, "bob", starters("risk-level"), "zip")
    graded_class.grade("risk-level")
    (graded_class.folder / "bob.zip").unlink()
    graded_class.grade("risk-level")
    assert [file.stem for file in (graded_class.output / "feedback").iterdir()] == ["ada"]
    assert "bob" not in graded_class.text("gradebook.csv")


def test_two_gradings_into_one_folder_do_not_mix(graded_class):
    hand_in(graded_class.folder, "ada", starters("risk-level"))
    with (
        only_one(graded_class.output / ".lock", waiting=print),
        pytest.raises(UserError, match="in use by another grading"),
    ):
        graded_class.grade("risk-level")


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["missing.zip", "--out", "out"], "There is no file or folder missing.zip"),
        (["empty", "--out", "out"], "There is no submission in what was given"),
        (["empty", "--out", "out", "--exercise", "risk-lvel"], "Did you mean 'risk-level'?"),
        (["empty", "--out", "out", "--isolation", "jail"], "auto, docker, process"),
    ],
)
def test_what_cannot_begin_is_told_in_a_sentence(tmp_path, monkeypatch, capsys, argv, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert main(["grade", *argv]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="an interrupt as a POSIX terminal sends it")
def test_ctrl_c_ends_all_judging_and_says_how_to_go_on(graded_class, root):
    for number in range(4):
        hand_in(graded_class.folder, f"{number}", HANGS, "zip")
    hand_in(graded_class.folder, "first", starters("risk-level"))
    options = ("--isolation", "process", "--exercise", "risk-level", "--jobs", 2, "--seed", 7)
    command = grade_command(graded_class.folder, "--out", graded_class.output, *options)
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    settings = graded_class.output / "grading.json"
    while not settings.exists() or not _judging(settings):
        assert process.poll() is None
        time.sleep(0.05)
    scratch = json.loads(settings.read_text())["scratch"]
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "graded and kept" in said and "goes on from there" in said
    assert not os.path.exists(scratch)  # noqa: PTH110
    assert processes_of(scratch) == []


def _judging(settings) -> bool:
    return bool(processes_of(json.loads(settings.read_text())["scratch"]))
