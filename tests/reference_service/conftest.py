"""One artefact and one running service for all tests of this folder."""

import pytest

from .artefacts import pickled, save_artefact, train_forest
from .serving import start_service, stop_service


@pytest.fixture(scope="session")
def forest():
    """The trained forest behind `service`."""
    return train_forest()


@pytest.fixture(scope="session")
def model_dir(forest, tmp_path_factory):
    """The artefact folder of `forest`."""
    return save_artefact(tmp_path_factory.mktemp("artefact") / "model", pickled(forest))


@pytest.fixture(scope="session", params=["", "1"], ids=["app", "fast-lane"])
def service(request, model_dir, tmp_path_factory):
    """The reference service, serving `forest` on a free port: without its fast lane, and with it."""
    log = tmp_path_factory.mktemp("service") / "stderr.log"
    running = start_service(model_dir, log, {"CHURN_FAST_LANE": request.param})
    yield running
    stop_service(running)
