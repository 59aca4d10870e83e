"""A forest told to use all cores is no attack: it predicts in the sandbox, on one."""

from workbench.judging.boundary import Project

FOREST = """
from sklearn.ensemble import RandomForestClassifier

def predict():
    rows, labels = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
    forest = RandomForestClassifier(4, bootstrap=False, n_jobs=-1).fit(rows, labels)
    return [int(label) for label in forest.predict(rows)]
"""


def test_a_forest_on_all_cores_predicts_in_the_sandbox(tmp_path):
    tree = tmp_path / "judged" / "project"
    tree.mkdir(parents=True)
    (tree / "forest.py").write_text(FOREST, encoding="utf-8")
    project = Project(tree, warm=None)
    try:
        answer = project.call("forest", "predict")
    finally:
        project.close()
    assert answer.error is None
    assert answer.value == [0, 0, 1, 1]
