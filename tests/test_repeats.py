"""The same answer gets the same verdict, whatever inputs are drawn: a sample by the day, 20 times each."""

import datetime
import random

from rich.console import Console

from workbench.authoring.contract import cases_of
from workbench.authoring.repeat import repeat_cases
from workbench.catalog import load_catalog
from workbench.course import Course

from .conftest import ROOT

COURSE = Course(ROOT, ROOT / "exercises")
CATALOG = load_catalog(COURSE.catalog_file)
# what each of them judges in less than half a second on the machine they were chosen on
QUICK = ("risk-level", "evaluate-model", "capacity-plan", "prediction-cache", "hosting")
TIMES, MISTAKES_EACH = 20, 1
TODAY = datetime.date.today().toordinal()


def test_twenty_gradings_of_a_case_agree():
    """`dev verify --repeat 20` does it for all cases; its figures are in docs/trust/flakiness.md."""
    drawn = random.Random(TODAY)
    cases = []
    for exercise in map(CATALOG.exercise, QUICK):
        every = cases_of(COURSE, exercise)
        mistakes = [case for case in every if case.kind == "mistake"]
        cases += [case for case in every if case.kind == "reference"]
        cases += drawn.sample(mistakes, MISTAKES_EACH)
    quiet = Console(quiet=True)
    repeated = repeat_cases(COURSE, cases, quiet, times=TIMES, jobs=1, seed=TODAY)
    assert not [text for one in repeated for text in one.differences()]
