"""The same answer gets the same verdict, whatever inputs are drawn: a sample by the day, 20 times each."""

import datetime
import random

from rich.console import Console

from workbench.authoring.cases import cases_of
from workbench.authoring.repeat import KINDS, repeat_cases, shared_in
from workbench.course.catalog import load_catalog
from workbench.course.place import Course

from .conftest import ROOT

COURSE = Course(ROOT, ROOT / "exercises")
CATALOG = load_catalog(COURSE.catalog_file)
# what each of them judges in about half a second, or less, on the machine they were chosen on
QUICK = (
    "risk-level",
    "evaluate-model",
    "features-in-sql",
    "validate-customer",
    "problem-responses",
    "capacity-plan",
    "prediction-cache",
    "hosting",
)
TIMES, CASES_A_DAY = 20, 4
TODAY = datetime.date.today().toordinal()


def test_twenty_gradings_of_a_case_agree():
    """`dev verify --repeat 20` does it for all cases; its figures are in docs/trust/flakiness.md."""
    every = [case for name in QUICK for case in cases_of(COURSE, CATALOG.exercise(name))]
    cases = random.Random(TODAY).sample([c for c in every if c.kind in KINDS], CASES_A_DAY)
    quiet = Console(quiet=True)
    repeated = repeat_cases(COURSE, cases, quiet, times=TIMES, jobs=1, seed=TODAY)
    found = [text for one in repeated for text in one.differences()]
    assert not found + shared_in(repeated)
