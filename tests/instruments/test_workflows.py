"""A workflow as data, its jobs played, and what a check asks of them."""

import shutil

import pytest

from workbench.boundary.outcomes import Mismatch
from workbench.instruments.documents import parse_yaml
from workbench.instruments.github.images import require_one_image, require_scan_fails_job
from workbench.instruments.github.job import Job
from workbench.instruments.github.runner import given_to
from workbench.instruments.github.workflows import (
    PUSH,
    Workflow,
    a_run,
    is_cut_off,
    waits_for_each_other,
)

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
WORKFLOW = """
on: {push: {branches: [main]}, pull_request: }
env: {IMAGE: "churn:${{ github.sha }}"}
concurrency: everything
jobs:
  test:
    steps:
      - uses: actions/checkout@v4
      - run: pytest tests || true
  image:
    needs: test
    steps:
      - uses: actions/checkout@v4
      - run: docker build --tag "$IMAGE" .
      - uses: aquasecurity/trivy-action@v1
        with: {image-ref: "${{ env.IMAGE }}", exit-code: "1"}
      - run: docker run -d -p 80:5000 "$IMAGE"
      - run: python deploy/smoke_test.py http://localhost:80 --expect known.json
      - uses: actions/upload-artifact@v4
        with: {name: known, path: known.json}
  deploy:
    needs: [image]
    if: github.ref == 'refs/heads/main' && needs.image.result == 'success'
    concurrency: {group: "${{ github.sha }}", cancel-in-progress: "${{ github.ref_name == 'main' }}"}
    steps:
      - id: first
        continue-on-error: true
        run: curl --fail "$HOOK"
        env: {HOOK: "${{ secrets.HOOK }}"}
      - {name: again, if: steps.first.outcome == 'failure', run: curl --retry 3 https://again}
      - {if: env.IMAGE == '', run: curl https://never}
      - {if: failure(), run: curl https://back}
      - uses: actions/download-artifact@v4
"""


def changed(old: str = "", new: str = "") -> Workflow:
    assert old in WORKFLOW
    return Workflow(parse_yaml(WORKFLOW.replace(old, new) if old else WORKFLOW))


def job_of(project_of, name: str, old: str = "", new: str = "") -> Job:
    return Job(project_of({"Dockerfile": "FROM scratch"}), changed(old, new), name, "deploy.yml")


def test_the_parts_of_a_workflow_are_read():
    told = changed()
    assert set(told.triggers) == {"push", "pull_request"}
    assert told.needs("image") == ["test"] and told.before("deploy") == {"image", "test"}
    assert told.is_used_first("test", "actions/checkout")
    assert not told.is_used_first("deploy", "actions/checkout")
    assert told.is_handed("deploy", "known.json") and not told.is_handed("deploy", "other.json")


@pytest.mark.parametrize("data", [{}, {"jobs": 3}, {"jobs": {"a": {"steps": "x", "needs": 4}}}])
def test_a_workflow_of_the_wrong_form_has_no_parts(data):
    told = Workflow(data)
    assert told.steps("a") == [] and told.triggers == {} and told.groups("a") == []
    assert told.before("a") == set()


def test_a_job_starts_in_the_runs_that_its_condition_names():
    told = changed()
    assert told.starts("deploy", PUSH) is True
    assert told.starts("deploy", a_run("push", "refs/heads/feature")) is False
    assert told.starts("deploy", a_run("push", "refs/heads/main", is_well=False)) is False
    assert changed("needs.image.result ==", "needs.image.result =").starts("deploy", PUSH) is None


def test_a_group_for_each_commit_makes_nobody_wait():
    everything, own = changed().groups("deploy")
    assert waits_for_each_other(everything) and not is_cut_off(everything)
    assert not waits_for_each_other(own) and is_cut_off(own)


@needs_bash
def test_steps_run_as_on_a_runner(project_of):
    deploy = job_of(project_of, "deploy")
    assert deploy.played().calls == ["curl --fail value-of-secrets-HOOK "]
    after = deploy.played("--fail")
    assert after.words[1:] == [["curl", "--retry", "3", "https://again"]] and not after.failed
    everything = deploy.played("curl")
    assert everything.failed == ["again", "step 4"]
    assert everything.words[-1] == ["curl", "https://back"]


@needs_bash
def test_a_hidden_failure_is_told(project_of):
    with pytest.raises(Mismatch, match="The job went on and succeeded"):
        job_of(project_of, "test").require_failed_with("pytest")
    job_of(project_of, "test", " || true").require_failed_with("pytest")


@needs_bash
def test_a_pipe_hides_a_failure_unless_the_shell_is_bash(project_of):
    old, new = "pytest tests || true", "pytest tests | tee out"
    assert not job_of(project_of, "test", old, new).played("pytest").failed
    strict = f"{new}\n        shell: bash"
    assert job_of(project_of, "test", old, strict).played("pytest").failed


@needs_bash
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('docker build --tag "$IMAGE" .', "docker build .", "a name for the image"),
        ('80:5000 "$IMAGE"', "80:5000 other", "started in the background"),
        ("-p 80:5000", "-p 81:5000", "published where the smoke test asks"),
        ('image-ref: "${{ env.IMAGE }}"', "image-ref: other", "the image that was built"),
        (', exit-code: "1"', "", "has no `exit-code`"),
        ("with: {image", "continue-on-error: true\n        with: {image", "continue-on-error"),
    ],
)
def test_an_image_that_is_another_one_is_told(project_of, old, new, told):
    import re

    job = job_of(project_of, "image", old, new)
    with pytest.raises(Mismatch, match=re.escape(told)):
        require_one_image(job, re.compile("smoke_test"), "5000")
        require_scan_fails_job(job)


@needs_bash
def test_a_scanner_in_a_container_is_no_service(project_of):
    new = '"$IMAGE" .\n      - run: docker run aquasec/trivy image churn'
    job = job_of(project_of, "image", '"$IMAGE" .', new)
    import re

    require_one_image(job, re.compile("smoke_test"), "5000")
    require_scan_fails_job(job)
    hidden = job_of(project_of, "image", '"$IMAGE" .', f"{new} || true")
    with pytest.raises(Mismatch, match="let `trivy` fail"):
        require_scan_fails_job(hidden)


def test_an_input_is_given_with_the_variables_put_in(project_of):
    told = changed()
    (step,) = told.uses("image", "aquasecurity/trivy-action")
    assert given_to(told, "image", step, "image-ref") == "churn:value-of-github-sha"
    assert given_to(told, "image", step, "input") == ""


@needs_bash
def test_a_job_is_played_once_for_each_failure(project_of):
    job = job_of(project_of, "test")
    assert job.played("pytest") is job.played("pytest") is not job.played()
