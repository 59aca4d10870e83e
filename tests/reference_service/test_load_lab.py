"""The load lab on loopback: real Locust, the real service, a few seconds."""

import csv
import os
import subprocess
import sys
from pathlib import Path
from random import Random

from load_tests.customers import draw_question
from tests.load_lab import PATIENT

ROOT = Path(__file__).resolve().parents[2]
SEED = "26"  # two of its first eight users begin with a wrong question, so few requests suffice


def run_locust(host: str, folder: Path) -> tuple[subprocess.CompletedProcess, dict[str, dict]]:
    """Run eight users for four seconds; return the process and the statistics by request name."""
    command = [sys.executable, "-m", "locust", "-f", str(ROOT / "load_tests" / "locustfile.py")]
    command += ["--headless", "--users", "8", "--spawn-rate", "8", "--run-time", "4s"]
    command += ["--host", host, "--csv", str(folder / "load"), "--only-summary"]
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"LOAD_SEED": SEED},
        capture_output=True,
        text=True,
        timeout=60,
    )
    with (folder / "load_stats.csv").open(newline="", encoding="utf-8") as table:
        return done, {row["Name"]: row for row in csv.DictReader(table)}


def test_the_reference_service_answers_the_load_without_a_failure(service, tmp_path):
    done, rows = run_locust(service.url, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert int(rows["Aggregated"]["Failure Count"]) == 0
    assert {"POST /predict", "POST /predict (refused)"} <= set(rows)


def test_the_same_seed_asks_the_same_questions_and_the_share_of_wrong_ones_holds():
    first, second = Random(5), Random(5)
    questions = [draw_question(first, wrong_share=0.2) for _ in range(2000)]

    assert questions == [draw_question(second, wrong_share=0.2) for _ in range(2000)]
    assert 0.15 < sum(question.status != 200 for question in questions) / 2000 < 0.25


def test_the_service_agrees_about_every_question_which_fields_are_wrong(service):
    random = Random(9)
    for _ in range(60):
        question = draw_question(random, wrong_share=0.7)
        answer = service.predict(question.body)
        named = {error["field"] for error in answer.json().get("errors", [])}

        assert (answer.status_code, named) == (question.status, question.wrong_fields)


def test_the_reference_service_answers_a_spike(service, tmp_path):
    command = [sys.executable, "-m", "load_tests", "spike", "--host", service.url, *PATIENT]
    command += ["--users", "20", "--seconds", "8", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "HELD" in done.stdout
