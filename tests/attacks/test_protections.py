"""What is said of this machine's protections is so, and what holds is tested by name."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.attacks.corpus import FOLDERS, HERE
from workbench.sandbox import confinement, protections
from workbench.sandbox.confinement import rules_for, without
from workbench.sandbox.kernel import Rules, rules_from, seccomp
from workbench.sandbox.processes import under_rules

PAGE = "docs/understand/checking.md"
TABLE = tomllib.loads((HERE.parent / "attacks.toml").read_text("utf-8"))["attack"]


def run_confined(tree: Path, code: str, **allowed) -> str:
    """What Python prints when it runs `code` under the rules of a tree."""
    tree.mkdir(exist_ok=True)
    under, env = under_rules(rules_for(tree, **allowed), {"PATH": os.environ["PATH"]})
    ended = subprocess.run(
        [*under, sys.executable, "-I", "-c", code],
        capture_output=True,
        text=True,
        env=env,
        cwd=tree,
    )
    return ended.stdout + ended.stderr


@pytest.mark.skipif(not protections.holds("files"), reason="no Landlock here")
def test_a_confined_process_writes_in_its_own_tree_only(tmp_path):
    code = "open('mine', 'w').write('x'); open('../other', 'w')"
    assert "Permission denied: '../other'" in run_confined(tmp_path / "project", code)
    assert (tmp_path / "project" / "mine").exists() and not (tmp_path / "other").exists()


@pytest.mark.skipif(not protections.holds("files"), reason="no Landlock here")
def test_a_confined_process_makes_no_links_and_no_pipes(tmp_path):
    for code in ("os.symlink('/etc/passwd', 'link')", "os.mkfifo('pipe')"):
        assert "PermissionError" in run_confined(tmp_path / "project", f"import os; {code}")


@pytest.mark.skipif(not protections.holds("connections"), reason="no Landlock 4 here")
def test_a_confined_process_may_serve_and_connects_only_when_told_so(tmp_path):
    code = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); "
        "socket.create_connection(s.getsockname()); print('connected')"
    )
    assert "PermissionError" in run_confined(tmp_path / "project", code)
    assert "connected" in run_confined(tmp_path / "project", code, may_connect=True)


@pytest.mark.skipif(not protections.holds("group"), reason="no filter of calls here")
def test_a_confined_process_stays_in_its_group_and_believes_it_left(tmp_path):
    code = "import os; g = os.getpgid(0); os.setsid(); os.setpgid(0, 0); print(g == os.getpgid(0))"
    assert "True" in run_confined(tmp_path / "project", code)


def test_a_course_inside_a_readable_folder_is_cut_out_of_it(tmp_path):
    for name in ("course/solutions", "course/.venv", "other"):
        (tmp_path / name).mkdir(parents=True)
    found = without(tmp_path / "course", [str(tmp_path), "/usr"])
    assert sorted(found) == sorted([str(tmp_path / "other"), "/usr"])


def test_the_course_itself_is_not_readable():
    course = confinement.COURSE
    for place in map(Path, confinement.readable_system()):
        assert place not in (course, *course.parents)
        assert not place.is_relative_to(course) or place.is_relative_to(course / ".venv")


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_the_filter_is_whole_for_each_machine(machine):
    number, calls = seccomp.MACHINES[machine]
    assert set(calls) == set(seccomp.MACHINES["x86_64"][1])
    steps = seccomp.program(number, calls, (1234,))
    assert {len(step) for step in steps} == {8} and len(steps) < 4096


def test_rules_survive_the_way_to_the_process():
    rules = Rules(("/usr",), ("/tmp/a b",), True, False, (7,))
    assert list(rules_from(rules.as_text())) == [["/usr"], ["/tmp/a b"], True, False, [7]]
    assert rules_from("") is None


def test_every_protection_is_either_active_or_missing():
    told = [*protections.active(), *protections.missing()]
    assert len(told) == len(set(told)) and set(told) <= set(protections.WORDS.values())
    assert {row["needs"] for row in TABLE if "needs" in row} <= set(protections.WORDS)


def test_the_corpus_and_its_table_agree():
    for kind, (folder, ending) in FOLDERS.items():
        files = {file.stem for file in (HERE / folder).glob(f"*.{ending}")}
        rows = {row["name"] for row in TABLE if row["kind"] == kind}
        made = {"ten_megabytes", "no_utf8", "binary"} if kind == "document" else set()
        assert files | made == rows, kind


def test_every_attack_that_the_page_names_is_in_the_corpus(root):
    page = (root / PAGE).read_text("utf-8")
    named = {word for word in page.replace("`", " ").split() if "_" in word and word.islower()}
    known = {row["name"] for row in TABLE}
    tests = "".join(file.read_text("utf-8") for file in (root / "tests/attacks").glob("test_*.py"))
    assert named, "the page names no attack"
    assert not {word for word in named if word not in known and f"def {word}(" not in tests}
