"""pip's settings, in uv's terms."""

import os
import sys
from pathlib import Path

import pytest

from workbench.setup import installers


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch):
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_", "SSL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


def test_pip_settings_come_from_the_environment_over_the_file(monkeypatch, tmp_path):
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nindex-url = http://shelf.test/simple\ncert = /shelf.pem\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.setenv("PIP_INDEX_URL", "http://nearer.test/simple")
    settings = installers.pip_settings(Path(sys.executable))
    assert settings["index-url"] == "http://nearer.test/simple"
    assert settings["cert"] == "/shelf.pem"


def test_indexes_links_and_certificate_are_handed_to_uv():
    env = installers.uv_environment(
        {
            "index-url": "http://shelf.test/simple",
            "extra-index-url": "http://a.test http://b.test",
            "find-links": "/wheels http://links.test",
            "cert": "/shelf.pem",
        }
    )
    assert env["UV_DEFAULT_INDEX"] == "http://shelf.test/simple"
    assert env["UV_INDEX"] == "http://a.test http://b.test"
    assert env["UV_FIND_LINKS"] == "/wheels,http://links.test"
    assert env["SSL_CERT_FILE"] == "/shelf.pem"


def test_what_the_user_set_for_uv_wins(monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://mine.test/simple")
    env = installers.uv_environment({"index-url": "http://shelf.test/simple"})
    assert env["UV_DEFAULT_INDEX"] == "http://mine.test/simple"


def test_hashes_are_required_exactly_when_the_file_has_them(tmp_path):
    bare, hashed = tmp_path / "bare.txt", tmp_path / "hashed.txt"
    bare.write_text("flask==3.1.3\n")
    hashed.write_text("flask==3.1.3 \\\n    --hash=sha256:0\n")
    python = Path(sys.executable)
    assert "--require-hashes" not in installers.uv_command(python, bare, {})
    assert "--require-hashes" in installers.uv_command(python, hashed, {})


def test_no_index_is_handed_to_uv(tmp_path):
    file = tmp_path / "requirements.txt"
    file.write_text("flask==3.1.3\n")
    python = Path(sys.executable)
    assert "--no-index" in installers.uv_command(python, file, {"no-index": "1"})
    assert "--no-index" not in installers.uv_command(python, file, {"no-index": "false"})


def test_variables_that_lead_python_astray_are_left_out(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    env = installers.pip_environment()
    assert "PYTHONDONTWRITEBYTECODE" not in env and "PYTHONPATH" not in env
