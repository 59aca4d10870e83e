"""The judge's Docker: what it reads from files, and that nothing it makes stays behind."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from workbench.boundary.outcomes import EnvironmentProblem, LearnerError, LearnerTimeout
from workbench.course.derive import is_starter, starter_from, variant_from
from workbench.instruments.docker.containers import Container
from workbench.instruments.docker.dockerfiles import (
    base_of,
    installed_after_code,
    layers_of,
    parse_dockerfile,
    stages_of,
)
from workbench.instruments.docker.engine import LABEL, TAGGED, Engine, build_failure

from ..conftest import ROOT, has_engine, require

DOCKERFILE = """\
# a comment
FROM --platform=linux/amd64 python:3.11-slim AS Base
RUN one \\
    # between the lines
    && two

FROM base AS last
CMD ["python", "-m", "it"]
from scratch
"""
SLEEPER = ["python3", "-c", "import time; time.sleep(600)"]


@pytest.fixture
def engine():
    require("docker", has_engine(), "start the Docker engine")
    made = Engine()
    yield made
    made.close()


def test_a_dockerfile_is_read_as_instructions():
    read = parse_dockerfile(DOCKERFILE)
    assert [(i.keyword, i.line) for i in read] == [
        ("FROM", 2),
        ("RUN", 3),
        ("FROM", 7),
        ("CMD", 8),
        ("FROM", 9),
    ]
    assert read[1].text == "one && two"
    assert read[3].words == ["python", "-m", "it"] and read[1].words == []


def test_the_base_is_followed_through_named_stages():
    read = parse_dockerfile(DOCKERFILE)
    assert len(stages_of(read)) == 3
    assert base_of(read[:4]) == "python:3.11-slim"
    assert base_of(read) == "scratch"


def test_an_argument_above_the_first_stage_is_put_in():
    text = (
        'ARG BASE=python\nARG VERSION="3.11"\nFROM ${BASE}:$VERSION-slim AS a\nARG BASE=b\nFROM a\n'
    )
    assert base_of(parse_dockerfile(text)) == "python:3.11-slim"
    assert base_of(parse_dockerfile("FROM ${BASE:-python:3.12}\n")) == "python:3.12"
    assert base_of(parse_dockerfile("FROM $BASE\n")) == ""


def test_code_that_is_copied_before_the_installation_is_told_by_its_lines():
    text = "FROM a\nCOPY . .\nRUN pip install -r requirements.txt\n"
    assert installed_after_code(parse_dockerfile(text), {"."}) == (2, 3)
    assert installed_after_code(parse_dockerfile(text.replace(". .", "r.txt .")), {"."}) is None


@pytest.mark.parametrize(
    ("status", "log", "kind"),
    [
        (1, "------\n > [2/3] RUN false:\n------\nexit code: 1", LearnerError),
        (1, "pip: Temporary failure in name resolution", EnvironmentProblem),
        (1, "ERROR: failed to do request: dial tcp: lookup registry", EnvironmentProblem),
        (None, "#5 RUN sleep 1000", LearnerTimeout),
    ],
)
def test_a_build_that_fails_is_blamed_on_who_is_to_blame(status, log, kind):
    assert isinstance(build_failure("docker build .", status, log), kind)


def test_json_is_an_answer_as_a_whole():
    source = '{\n  "a": 1\n}\n'
    starter = starter_from(source, "hosting")
    assert json.loads(starter) == {"TODO(hosting)": "your answer goes here"}
    assert is_starter(starter, source, "hosting") and not is_starter(source, source, "hosting")
    assert variant_from(source, '# says: x\n{"a": 2}') == '{"a": 2}'


def ours(engine) -> list[str]:
    return [c.id for c in engine.client.containers.list(all=True, filters={"label": LABEL})]


def test_what_is_made_is_removed(engine, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM python:3.11-slim\nRUN touch /made\n")
    tag = engine.build(tmp_path)
    container = engine.start(tag, command=SLEEPER)
    assert container.made.id in ours(engine)
    layers = layers_of(engine.image(tag), tmp_path / "kept")
    assert "made" in layers[-1].files and "made" not in layers[0].files
    engine.close()
    after = Engine()
    assert container.made.id not in ours(after)
    assert not after.client.images.list(name=tag)
    after.close()


def test_what_a_killed_judge_leaves_is_swept_when_it_is_old(engine, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM python:3.11-slim\n")
    tag = engine.build(tmp_path)
    forgotten = f"{TAGGED}1000000000-old"
    engine.image(tag).tag(*forgotten.rsplit(":", 1))
    Engine().close()
    assert not engine.client.images.list(name=forgotten)
    assert engine.client.images.list(name=tag), "what another judge is using stays"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_build_ends_with_its_deadline(engine, tmp_path, monkeypatch):
    (tmp_path / "Dockerfile").write_text("FROM python:3.11-slim\nRUN sleep 300\n")
    monkeypatch.setattr("workbench.instruments.docker.engine.BUILD_SECONDS", 3)
    with pytest.raises(LearnerTimeout):
        engine.build(tmp_path)


def test_a_container_that_hangs_answers_nobody_and_its_health_shows_it(engine, tmp_path):
    serve = "import http.server as h; h.test(h.SimpleHTTPRequestHandler, port=5000)"
    probe = "import urllib.request as u; u.urlopen('http://127.0.0.1:5000/', timeout=1)"
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.11-slim\nWORKDIR /srv\nRUN touch health\n"
        f"HEALTHCHECK CMD {json.dumps(['python3', '-c', probe])}\n"
        f"CMD {json.dumps(['python3', '-c', serve])}\n"
    )
    often = {"interval": 10**9, "timeout": 2 * 10**9, "retries": 1}
    container = engine.start(engine.build(tmp_path), init=True, healthcheck=often)
    container.wait_until_it_answers("The test started it")
    assert container.turns("healthy", against=5)
    container.hang()
    assert container.turns("unhealthy", against=5)


def test_a_container_that_ends_is_told_with_its_last_words(engine, tmp_path):
    (tmp_path / "Dockerfile").write_text(
        'FROM python:3.11-slim\nCMD ["python3", "-c", "raise SystemExit(\'no model here\')"]\n'
    )
    container: Container = engine.start(engine.build(tmp_path))
    with pytest.raises(LearnerError, match=r"ended with status 1.*no model here"):
        container.wait_until_it_answers("The test started it")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups to kill")
def test_without_an_engine_the_file_alone_is_judged():
    env = {**os.environ, "DOCKER_HOST": "tcp://127.0.0.1:9", "WORKBENCH_PROJECT": "solutions"}
    command = [sys.executable, "-m", "workbench", "check", "container-image", "--json"]
    ended = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, check=False, timeout=120
    )
    told = json.loads(ended.stdout)
    assert told["verdict"] == "environment"
    verdicts = [check["verdict"] for check in told["checks"]]
    assert verdicts[:3] == ["passed"] * 3 and set(verdicts[3:]) == {"environment"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_judge_that_is_interrupted_removes_its_containers(engine):
    if not (ROOT / "solutions" / "model" / "metadata.json").exists():
        pytest.skip("start --prepare makes solutions/model")
    command = [sys.executable, "-m", "workbench", "check", "container-image"]
    env = {**os.environ, "WORKBENCH_PROJECT": "solutions"}
    before = set(ours(engine))
    judge = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (made := set(ours(engine)) - before) and time.monotonic() < deadline:
        time.sleep(0.1)
    judge.send_signal(signal.SIGINT)
    judge.wait(60)
    deadline = time.monotonic() + 90  # another judge's may be among them, and ends too
    while made & set(ours(engine)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert made and not made & set(ours(engine))
