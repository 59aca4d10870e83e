"""Every failure is one sentence with its remedy, exit status 1, and no traceback."""

import errno
import importlib.util
import os
import shutil
import subprocess
import sys
from collections import namedtuple

import pytest

from workbench import __main__ as entry
from workbench.setup import command, environment, jupyter, ports
from workbench.setup.layout import Layout
from workbench.setup.problems import SYMPTOMS, SetupError, explain, recognise

from .conftest import ROOT

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13), (3, 14, 0)])
def test_a_python_the_course_cannot_use_is_refused(version, monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (*version, "final", 0))
    assert entry.main(["start"]) == 1
    message = capsys.readouterr().err
    found = ".".join(map(str, version[:2]))
    assert f"needs Python 3.11, 3.12 or 3.13, and {sys.executable} is {found}" in message
    assert "-m workbench start" in message


def test_a_full_disk_is_refused_before_anything_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10, 9, 1 << 20))
    with pytest.raises(SetupError, match=r"0\.0 GB free and the set-up needs 2\.5 GB: free some"):
        environment.require_space(tmp_path)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The disk is full: free some space"),
        (errno.EROFS, "Cannot write to"),
        (errno.EACCES, "copy the course to a folder you own"),
    ],
)
def test_what_the_system_refuses_becomes_a_sentence(number, sentence, monkeypatch, capsys):
    def refuse(layout, argv):
        raise OSError(number, os.strerror(number), str(layout.root))

    monkeypatch.setitem(command.COMMANDS, "start", refuse)
    assert command.run(ROOT, ["start"]) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_cannot_be_written_is_named(new_course):
    new_course.root.chmod(0o555)
    try:
        refused = new_course.run("start", "--prepare")
    finally:
        new_course.root.chmod(0o755)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Cannot write to")


def test_a_python_without_ensurepip_names_the_package_to_install(monkeypatch):
    real = importlib.util.find_spec
    hidden = lambda name, *rest: None if name == "ensurepip" else real(name, *rest)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", hidden)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    with pytest.raises(SetupError, match=f"sudo apt install python{version}-venv"):
        environment._require_venv_module()


def test_a_port_that_was_asked_for_and_is_taken_is_refused(ready_course, taken_port):
    refused = ready_course.run("start", "--no-browser", "--port", str(taken_port))
    assert refused.returncode == 1
    assert f"Port {taken_port} is taken by another program: stop it, or run" in refused.stderr
    assert "[1/4]" not in refused.stdout  # said before the set-up, not after


def test_the_usual_port_when_taken_gives_way_to_the_next_free_one(taken_port, monkeypatch, capsys):
    monkeypatch.setattr(jupyter, "USUAL_PORT", taken_port)
    chosen = jupyter.choose_port(None)
    assert taken_port < chosen < taken_port + 50
    assert ports.is_free(chosen)
    assert f"Port {taken_port} is taken; using {chosen}." in capsys.readouterr().out


def test_half_a_clone_is_refused_naming_what_is_missing(ready_course):
    requirements = ready_course.root / "requirements.txt"
    text = requirements.read_text()
    requirements.unlink()
    try:
        refused = ready_course.run("start", "--prepare")
    finally:
        requirements.write_text(text)
    assert refused.returncode == 1
    assert refused.stderr.startswith("requirements.txt is missing from ")
    assert "git checkout -- requirements.txt" in refused.stderr


def test_without_a_network_the_remedy_and_the_log_are_named(ready_course, closed_port):
    requirements = ready_course.root / "requirements.txt"
    text = requirements.read_text()
    requirements.write_text(text + "not-on-this-machine==1.0\n")
    address = f"http://127.0.0.1:{closed_port}/simple"
    try:
        refused = ready_course.run(
            "start",
            "--prepare",
            PIP_NO_INDEX="",
            PIP_FIND_LINKS="",
            PIP_INDEX_URL=address,
            UV_HTTP_RETRIES="0",
            UV_NO_CACHE="1",
        )
    finally:
        requirements.write_text(text)
    assert refused.returncode == 1, refused.stdout
    assert refused.stderr.startswith("The package index could not be reached: ")
    assert "docs/start/offline.md" in refused.stderr
    assert "Log: .workbench/logs/packages-uv.log" in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    # Nothing was changed, so nothing has to be made again.
    assert "[1/4] Python environment: ready" in ready_course.run("start", "--prepare").stdout


def test_pip_without_a_network_is_recognised(closed_port):
    address = f"http://127.0.0.1:{closed_port}/simple"
    answer = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--isolated",
            "download",
            "--retries",
            "1",
            "--no-deps",
            "--index-url",
            address,
            "pagecount==1.0",
        ],
        capture_output=True,
        text=True,
    )
    assert answer.returncode != 0
    assert recognise(answer.stdout + answer.stderr) == "network"


def test_a_package_that_is_not_on_offer_is_a_sentence(ready_course):
    requirements = ready_course.root / "requirements.txt"
    text = requirements.read_text()
    requirements.write_text("pagecount==9.9\n")
    try:
        refused = ready_course.run("start", "--prepare")
    finally:
        requirements.write_text(text)
    assert refused.returncode == 1
    assert refused.stderr.startswith("A pinned package is not on offer for this Python")


def test_a_handover_that_fails_names_its_log(ready_course):
    handover = ready_course.root / "bookstore_model/__main__.py"
    source = handover.read_text()
    handover.write_text("raise SystemExit('the orders are upside down')\n")
    try:
        refused = ready_course.run("start", "--prepare")
    finally:
        handover.write_text(source)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Orders and model did not finish: read the end of the log")
    log = ready_course.root / ".workbench/logs/orders-and-model.log"
    assert "upside down" in log.read_text()


def test_the_troubleshooting_page_has_every_sentence():
    text = (ROOT / "docs/start/troubleshooting.md").read_text(encoding="utf-8")
    page = " ".join(text.replace("\n> ", "\n").split())
    assert [name for name, _, sentence in SYMPTOMS if sentence not in page] == []


def test_an_unknown_failure_points_at_the_log_and_the_doctor():
    problem = str(explain("Packages", "gremlins", ".workbench/logs/packages-uv.log"))
    assert "doctor" in problem and "Log: .workbench/logs/packages-uv.log" in problem


def test_a_lesson_that_is_missing_is_named_before_jupyterlab_starts(tmp_path):
    with pytest.raises(SetupError, match=r"notebooks/00_welcome\.ipynb is missing"):
        jupyter.launch(Layout.at(tmp_path), port=8888, browser=False)
