"""A sample of faulty answers, drawn by the day, is told apart by every check that judges in a moment."""

import datetime

from workbench.authoring.cases import judge, stay_warm
from workbench.authoring.mutation.corpus import mutants_of, sample
from workbench.authoring.mutation.equivalents import equivalents_of
from workbench.authoring.mutation.run import case_of
from workbench.course.catalog import load_catalog
from workbench.course.place import Course

from .conftest import ROOT

COURSE = Course(ROOT, ROOT / "exercises")
CATALOG = load_catalog(COURSE.catalog_file)
QUICK = (
    "risk-level",
    "evaluate-model",
    "features-in-sql",
    "validate-customer",
    "problem-responses",
    "capacity-plan",
    "prediction-cache",
    "hosting",
    "compress-model",
    "fast-inference",
)
MUTANTS_EACH = 2
TODAY = datetime.date.today().toordinal()


def test_todays_faults_are_told_apart():
    """`dev verify --mutate` judges all of them; its report is docs/trust/mutation.md."""
    got_through = []
    with stay_warm():
        for exercise in map(CATALOG.exercise, QUICK):
            told = equivalents_of(COURSE, exercise)
            faults = [
                mutant
                for mutant in mutants_of(COURSE, exercise)
                if not told.reason(mutant) and mutant.shown not in told.missed
            ]
            for mutant in sample(faults, MUTANTS_EACH, TODAY):
                result = judge(COURSE, case_of(exercise, mutant), stop_at_first=True)
                if result.verdict == "passed":
                    got_through.append(f"{exercise.id}: {mutant.shown}")
    assert not got_through, "\n\n".join(got_through)


def test_every_reason_fits_a_mutant():
    for exercise in CATALOG.exercises:
        stale = list(equivalents_of(COURSE, exercise).unmatched(mutants_of(COURSE, exercise)))
        assert not stale, f"tests/equivalent/{exercise.id}.toml: no mutant is\n{stale[0]}"
