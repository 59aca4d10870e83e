"""Compose files that would give a container more than its own are refused before anything starts."""

import pytest
import yaml

from workbench.authoring.cases import cases_of, variant_of
from workbench.boundary.outcomes import Mismatch
from workbench.course.catalog import load_catalog
from workbench.course.place import Course
from workbench.instruments.docker.compose import Stack, reaches_out

OUTWARD = {
    "the disk of the host": {"volumes": ["/:/host"]},
    "the disk of the host, in the long form": {
        "volumes": [{"type": "bind", "source": "/", "target": "/host"}]
    },
    "a folder above the project": {"volumes": ["../../..:/host"]},
    "a home": {"volumes": ["~/.ssh:/keys"]},
    "a variable in a path": {"volumes": ["${HOME}:/home"]},
    "the engine": {"volumes": ["/var/run/docker.sock:/var/run/docker.sock"]},
    "all rights": {"privileged": True},
    "one right more": {"cap_add": ["SYS_ADMIN"]},
    "the host's processes": {"pid": "host"},
    "the host's network": {"network_mode": "host"},
    "a device": {"devices": ["/dev/sda"]},
    "no filter of calls": {"security_opt": ["seccomp:unconfined"]},
    "a file of the host": {"env_file": "/etc/passwd"},
    "another file's service": {"extends": {"file": "/etc/compose.yaml", "service": "x"}},
}


@pytest.mark.parametrize("what", OUTWARD)
def test_a_stack_that_reaches_out_is_refused(tmp_path, what):
    described = {"services": {"churn": OUTWARD[what]}}
    with pytest.raises(Mismatch, match="leads out of its containers"):
        Stack(None, tmp_path, described)
    assert not list(tmp_path.iterdir())


def test_includes_secrets_and_volumes_of_drivers_are_refused():
    bind = {"driver": "local", "driver_opts": {"type": "none", "o": "bind", "device": "/"}}
    assert reaches_out({"volumes": {"data": bind}})
    assert reaches_out({"secrets": {"x": {"file": "/etc/shadow"}}})
    assert reaches_out({"include": ["/etc/compose.yaml"]})


def test_the_reference_and_every_stored_file_may_start(root):
    course = Course(root, root / "exercises")
    exercise = load_catalog(course.catalog_file).exercise("compose-stack")
    stored = [c for c in cases_of(course, exercise) if c.kind in ("answer", "mistake")]
    texts = {f"{case.kind} {case.name}": variant_of(course, case) for case in stored}
    texts["reference"] = (course.reference / exercise.files[0]).read_text("utf-8")
    for name, text in texts.items():
        assert reaches_out(yaml.safe_load(text)) == "", name
