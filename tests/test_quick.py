"""`test --quick` chooses the tests that a change touches, and says what it leaves out."""

from . import quick

STORED = "tests/mistakes/risk-level/nan_slips_through.py"


def test_a_mistake_touches_the_contract_of_its_exercise():
    assert list(quick.touched_by(STORED)) == [f"{quick.CONTRACT}[risk-level]"]


def test_a_module_touches_the_tests_that_import_it():
    assert "tests/setup/test_doctor.py" in set(quick.touched_by("workbench/setup/lock.py"))
    assert "tests/site" in set(quick.touched_by("workbench/authoring/site.py"))


def test_a_lesson_touches_its_notebook():
    assert "notebooks/00_welcome.ipynb" in set(quick.touched_by("notebooks/src/00_welcome.py"))


def test_the_import_rules_are_always_run():
    run, left = quick.chosen([*quick.ALWAYS, "tests/setup/test_lock.py"], ["CHANGELOG.md"])
    assert run == set(quick.ALWAYS)
    assert left == {}


def test_what_does_not_fit_is_left_out_with_its_seconds(monkeypatch):
    monkeypatch.setattr(
        quick, "durations", lambda: {"tests/site/slow.py": quick.BUDGET_SECONDS + 1.0}
    )
    run, left = quick.chosen(["tests/site/slow.py", "tests/site/soon.py"], ["docs/index.md"])
    assert run == {"tests/site/soon.py"}
    assert left == {"tests/site/slow.py": quick.BUDGET_SECONDS + 1.0}


def test_every_folder_of_a_rule_exists_and_so_do_its_tests(root):
    for folder, tests in quick.BY_FOLDER.items():
        assert (root / folder).exists(), folder
        for test in tests:
            assert (root / test.partition("::")[0]).exists(), test
