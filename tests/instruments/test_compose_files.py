"""A service of a Compose file, in the short and the long form."""

import pytest

from workbench.instruments.docker.compose_files import (
    Binding,
    Mount,
    bindings_of,
    comes_from_outside,
    is_amount,
    limits_of,
    mounts_of,
    variables_of,
)


@pytest.mark.parametrize(
    ("port", "binding", "is_open"),
    [
        ("127.0.0.1:80:5000", Binding("127.0.0.1", "80", "5000"), False),
        ("80:5000/tcp", Binding("", "80", "5000"), True),
        ("[::1]:80:5000", Binding("[::1]", "80", "5000"), False),
        (5000, Binding("", "", "5000"), True),
        (
            {"host_ip": "0.0.0.0", "published": 80, "target": 5000},
            Binding("0.0.0.0", "80", "5000"),
            True,
        ),
    ],
)
def test_a_port_is_read(port, binding, is_open):
    assert bindings_of({"ports": [port]}) == [binding]
    assert binding.is_open is is_open


@pytest.mark.parametrize(
    ("volume", "mount"),
    [
        ("log:/var/lib/churn/", Mount("log", "/var/lib/churn", False)),
        (".:/etc/prometheus:ro,z", Mount(".", "/etc/prometheus", True)),
        ({"source": "a", "target": "/b/", "read_only": True}, Mount("a", "/b", True)),
    ],
)
def test_a_volume_is_read(volume, mount):
    assert mounts_of({"volumes": [volume]}) == [mount]


def test_limits_stand_at_the_service_or_in_deploy():
    limits = {"memory": "512m", "processors": 0.5}
    assert limits_of({"mem_limit": "512m", "cpus": 0.5}) == limits
    inner = {"resources": {"limits": {"memory": "512m", "cpus": 0.5}}}
    assert limits_of({"deploy": inner}) == limits
    assert is_amount("memory", "512M") and not is_amount("memory", "lots")
    assert is_amount("processors", 0.5) and not is_amount("processors", "1 core")


def test_variables_are_a_list_or_a_mapping():
    assert variables_of({"environment": ["A=1", "B"]}) == {"A": "1", "B": None}
    assert variables_of({"environment": {"A": 1}}) == {"A": 1}


@pytest.mark.parametrize(
    "value", [None, "", "$KEY", "${KEY}", "${KEY:-}", "${KEY:?say which}", "${A:-${B}}"]
)
def test_a_value_from_outside_is_none_of_the_files(value):
    assert comes_from_outside(value)


@pytest.mark.parametrize(
    "value", ["hunter2", "${KEY:-hunter2}", "${KEY-x}", "a$KEY", "${A:-${B:-c}}", 12]
)
def test_a_default_is_a_value_of_the_file(value):
    assert not comes_from_outside(value)
