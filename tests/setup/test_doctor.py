"""``doctor``: each finding says what was seen and how to mend it."""

import json

import pytest

from workbench.sandbox import protections
from workbench.setup import doctor, findings
from workbench.setup.doctor import read_pins, report
from workbench.setup.findings import Finding
from workbench.setup.lock import held_by, only_one


def by_name(answer) -> dict:
    return {finding["name"]: finding for finding in json.loads(answer.stdout)["findings"]}


def test_json_has_a_status_what_was_seen_and_a_fix_for_every_finding(ready_course):
    answer = ready_course.run("doctor", "--json")
    told = json.loads(answer.stdout)
    assert set(told) == {"schema", "ok", "findings"} and told["schema"] == 1
    for finding in told["findings"]:
        assert set(finding) == {"name", "status", "seen", "fix"}
        assert finding["status"] in ("ok", "warning", "missing")
        assert finding["seen"]
        assert finding["fix"] or finding["status"] == "ok"
    missing = any(finding["status"] == "missing" for finding in told["findings"])
    assert told["ok"] is not missing
    assert answer.returncode == int(missing)


def test_after_start_environment_packages_and_orders_are_ok(ready_course):
    found = by_name(ready_course.run("doctor", "--json"))
    for name in ("python", "environment", "packages", "orders and model", "set-up lock"):
        assert found[name]["status"] == "ok", found[name]
    assert "1 of 1" in found["packages"]["seen"]


def test_before_start_the_doctor_prescribes_it(new_course):
    answer = new_course.run("doctor", "--json")
    found = by_name(answer)
    assert answer.returncode == 1
    for name in ("environment", "packages", "orders and model"):
        assert found[name]["status"] == "missing"
        assert "start --prepare" in found[name]["fix"]


def test_a_taken_port_is_a_warning_that_names_its_use(taken_port, monkeypatch, tmp_path):
    monkeypatch.setattr(findings, "PORTS", {taken_port: ("Locust", "stop that program")})
    (found,) = findings.find_ports(doctor.Layout.at(tmp_path))
    assert (found.name, found.status) == (f"port {taken_port}", "warning")
    assert found.seen.startswith("taken by ") and "Locust uses it" in found.seen


def test_without_docker_the_course_goes_on_with_a_warning(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (found,) = findings.find_docker(doctor.Layout.at(tmp_path))
    assert (found.name, found.status) == ("docker client", "warning")


def test_protections_that_are_missing_are_a_warning_that_names_them(tmp_path, monkeypatch):
    assert findings.find_protections(doctor.Layout.at(tmp_path)).name == "protections"
    monkeypatch.setattr(protections, "holds", lambda name: name != "signals")
    found = findings.find_protections(doctor.Layout.at(tmp_path))
    assert found.status == "warning"
    assert "no signal reaches the judge" in found.seen


def test_little_memory_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(findings, "memory_bytes", lambda: 2 * findings.GIB)
    assert findings.find_memory(doctor.Layout.at(tmp_path)).status == "warning"


def test_pins_with_a_marker_are_not_demanded_of_every_platform():
    text = "pandas==2.3.3 \\\n    --hash=sha256:0\nappnope==1.0 ; sys_platform == 'darwin' \\\n"
    assert read_pins(text) == {"pandas": {"2.3.3"}}


@pytest.mark.parametrize(
    ("installed", "status", "said"),
    [
        ({"flask": "3.1.3"}, "ok", "1 of 1"),
        ({"flask": "2.0"}, "warning", "not as pinned: flask"),
        ({}, "missing", "missing: flask"),
    ],
)
def test_installed_versions_are_held_against_the_pins(installed, status, said):
    found = doctor._all_packages({"flask": {"3.1.3"}}, installed, finished=True)
    assert found.status == status
    assert said in found.seen


def test_the_list_is_aligned_and_puts_each_fix_under_its_finding():
    text = report([Finding("disk", "ok", "9 GB free"), Finding("browser", "warning", "none", "x")])
    first, second, fix, *_ = text.splitlines()
    assert first.index("9 GB") == second.index("none") == fix.index("-> x")


def test_the_lock_names_its_holder_while_held_and_is_free_after(tmp_path):
    lock = tmp_path / "setup.lock"
    with only_one(lock, waiting=print):
        assert held_by(lock).startswith("process ")
    assert held_by(lock) is None
