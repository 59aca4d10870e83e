"""Schemathesis, all checks, against the service's own OpenAPI document."""

import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = 300


def test_a_fuzzer_with_all_checks_finds_nothing(service, tmp_path):
    schemathesis = Path(sys.executable).with_name("schemathesis")
    command = [str(schemathesis), "run", f"{service.url}/openapi.json", "--checks", "all"]
    command += ["--max-examples", str(EXAMPLES), "--seed", "1", "--no-color"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )

    assert done.returncode == 0, done.stdout
    generated = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert generated, done.stdout
    assert int(generated[1]) == int(generated[2]) >= EXAMPLES
