"""A forest told to use all cores is no attack: it predicts in the sandbox, on one."""

import contextlib
import time

import pytest

from workbench.boundary.project import Project
from workbench.sandbox.warm_process import CAN_WARM, SLOW_LIBRARIES, Warm

FOREST = """
import sys

WAS_IMPORTED = "joblib" in sys.modules

from sklearn.ensemble import RandomForestClassifier

def was_imported():
    return WAS_IMPORTED

def predict():
    rows, labels = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
    forest = RandomForestClassifier(4, bootstrap=False, n_jobs=-1).fit(rows, labels)
    return [int(label) for label in forest.predict(rows)]
"""


@pytest.fixture(params=["cold", "warm"])
def warm(request):
    """No warm process, or the address of one that has joblib imported."""
    with contextlib.ExitStack() as stack:
        if request.param == "cold":
            yield None
        elif not CAN_WARM:
            pytest.skip("no warm processes on this platform")
        else:
            process = Warm(*SLOW_LIBRARIES)
            stack.callback(process.close)
            yield process.address


def test_a_forest_on_all_cores_predicts_in_the_sandbox(tmp_path, warm):
    tree = tmp_path / "judged" / "project"
    tree.mkdir(parents=True)
    (tree / "forest.py").write_text(FOREST, encoding="utf-8")
    answer = first_answer(tree, warm)
    assert answer.error is None
    assert answer.value == [0, 0, 1, 1]


def first_answer(tree, warm):
    """What the forest says, in a process that has joblib from the warm one, where there is one."""
    for _ in range(100):
        project = Project(tree, warm=warm)
        try:
            if warm is None or project.call("forest", "was_imported").value:
                return project.call("forest", "predict")
        finally:
            project.close()
        time.sleep(0.1)
    raise AssertionError("the warm process has not imported joblib")
