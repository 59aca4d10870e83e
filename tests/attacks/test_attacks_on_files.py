"""What is handed in as a file of configuration: read as data, its shell steps played."""

import pytest

from tests.attacks.corpus import attacks

WORKFLOW = """on: {{push: {{branches: [main]}}, pull_request: }}
permissions: {{contents: read}}
env: {{LD_PRELOAD: ./evil.so, BASH_ENV: ./evil, PATH: /nowhere}}
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683
      - {{name: attack, run: {step}}}
  image:
    needs: test
    timeout-minutes: 5
    steps: [{{name: attack, run: {step}}}]
  deploy:
    needs: image
    if: github.ref == 'refs/heads/main'
    timeout-minutes: 5
    steps: [{{name: attack, run: {step}}}]
"""
MADE = {
    "ten_megabytes": b"services: [web]\n" * 700_000,
    "no_utf8": b"services: \xff\xfe\xff\n",
    "binary": b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 40,
}
JSONS = {
    "deep": '{"build": ' + "[" * 40_000,
    "long": '{"build": "' + "x" * 900_000 + '"}',
    "no_object": "[1, 2]",
    "numbers": '{"build": 1' + "0" * 5000 + ', "deploy": NaN}',
    "wrong_types": '{"build": {"builder": {}}, "deploy": {"healthcheckTimeout": "1e99"}}',
}


@pytest.mark.parametrize("attack", attacks("document"))
def test_the_document_is_refused(shooting_range, attack):
    content = MADE.get(attack.name) or shooting_range.filled(attack.text())
    shooting_range.put("hosting", content)
    shooting_range.expect_stopped(attack, "hosting")
    assert not shooting_range.canary.with_suffix(".txt.harmed").exists()


@pytest.mark.parametrize("name", JSONS)
def test_the_json_document_is_refused(shooting_range, name):
    right = (shooting_range.course.reference / "render.yaml").read_text("utf-8")
    shooting_range.put("hosting", right, JSONS[name])
    result = shooting_range.judge("hosting")
    assert result.verdict == "failed"
    assert "railway.json" in result.first_problem.message


@pytest.mark.parametrize("attack", attacks("step"))
def test_the_step_of_a_workflow_is_stopped(shooting_range, attack):
    text = shooting_range.filled(attack.text())
    step = "|\n" + "".join(f"          {line}\n" for line in text.splitlines())
    workflow = WORKFLOW.replace("{{", "{").replace("}}", "}")
    for before in ("- {name: attack, run: {step}}", "[{name: attack, run: {step}}]"):
        after = f"\n      - name: attack\n        run: {step}"
        listed = before.startswith("[")
        workflow = workflow.replace(before, after if listed else after.lstrip("\n ").rstrip())
    shooting_range.put("ci-workflow", workflow)
    shooting_range.expect_stopped(attack, "ci-workflow")
