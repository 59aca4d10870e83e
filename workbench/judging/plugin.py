"""The pytest plugin of a check: its fixtures, and the record of what each check came to."""

from __future__ import annotations

import errno
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workbench.boundary.outcomes import EnvironmentProblem, LearnerTimeout, Mismatch, Outcome
from workbench.boundary.project import Project
from workbench.boundary.services import ScriptedService
from workbench.instruments.docker.engine import Engine
from workbench.judging.results import CheckResult
from workbench.setup.layout import spelled

KEY = bytes(range(32)).hex()
SHORT_OF = (
    errno.ENOSPC,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.EAGAIN,
    errno.EADDRINUSE,
    errno.EROFS,
    errno.EIO,
    getattr(errno, "EDQUOT", errno.ENOSPC),
)


class JudgePlugin:
    """Gives checks their fixtures and keeps one CheckResult per check in `results`, by id."""

    def __init__(
        self,
        judged: Project,
        make_reference: Callable[[], Project],
        seed: int,
        cache: Path,
        on_result: Callable[[CheckResult], None],
    ):
        self.judged = judged
        self.make_reference = make_reference
        self.seed = seed
        self.cache = cache
        self.on_result = on_result
        self.results: dict[str, CheckResult] = {}
        # checks that tripped: their outcome, should they pass on the reference
        self.tripped: dict[str, Outcome] = {}

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> random.Random:
        """Random numbers that differ from run to run; the seed is the run's, the stream the check's."""
        return random.Random(f"{self.seed}/{request.node.name}")

    @pytest.fixture
    def project(self) -> Project:
        """The judged project: the reference with the learner's files of this exercise."""
        return self.judged

    @pytest.fixture
    def reference(self) -> Project:
        """The reference project, to compute expected values in a process of its own."""
        return self.make_reference()

    @pytest.fixture
    def call(self) -> Callable:
        """`call(module, function, *args)`: calls the learner's function, returns an Answer."""
        return self.judged.call

    @pytest.fixture
    def serve(self) -> Callable[..., ScriptedService]:
        """`serve(answers=..., default=..., version=..., settings=...)`: starts the learner's service.

        `answers` is a list of `[[days, orders, value, rate], probability]`; any other customer gets
        `default`. `default=None` is a model that raises. `model=None` starts it with no model at all.
        `settings` are its CHURN_ variables.
        """

        def start(
            answers: list | tuple = (),
            default: float | None = 0.5,
            version: str = "v2",
            settings: dict[str, str] | None = None,
            **model: object,
        ) -> ScriptedService:
            scripted = {"model_version": version, "answers": list(answers), "default": default}
            chosen = model.get("model", scripted)
            return self.judged.start_service(
                chosen, {"CHURN_PSEUDONYM_KEY": KEY} | (settings or {})
            )

        return start

    @pytest.fixture(scope="session")
    def docker(self) -> Iterator[Engine]:
        """The Docker engine; what a check makes with it is removed at the end of the run."""
        engine = Engine()
        yield engine
        engine.close()

    @pytest.fixture
    def shared_folder(self) -> Path:
        """A folder kept between runs, for what is slow to make and the same for everyone."""
        self.cache.mkdir(parents=True, exist_ok=True)
        return self.cache

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if any(result.verdict == "timeout" for result in self.results.values()):
            raise LearnerTimeout("Not run: an earlier check ran out of time")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo):
        report = yield
        if call.when == "call" or (call.excinfo and item.name not in self.results):
            verdict, message = self._judge(item, call)
            title = (item.function.__doc__ or item.name).strip().splitlines()[0]
            result = CheckResult(item.name, title, verdict, message, call.duration)
            self.results[item.name] = result
            self.on_result(result)
        return report

    def _judge(self, item: pytest.Item, call: pytest.CallInfo) -> tuple[str, str]:
        if call.excinfo is None:
            return "passed", ""
        error = call.excinfo.value
        if isinstance(error, Outcome):
            return error.verdict, error.message
        if is_of_the_machine(error):
            problem = fault_of_the_check(error)
            return problem.verdict, problem.message
        self.tripped[item.name] = strange_value(error)
        problem = fault_of_the_check(error)
        return problem.verdict, problem.message


def is_of_the_machine(error: BaseException) -> bool:
    """Whether an exception tells of this machine: no space, no memory, no engine."""
    is_engine = type(error).__module__.partition(".")[0] in ("docker", "requests", "urllib3")
    is_short = isinstance(error, OSError) and error.errno in SHORT_OF
    return is_engine or is_short or isinstance(error, (MemoryError, KeyboardInterrupt))


def fault_of_the_check(error: BaseException) -> Outcome:
    """The outcome of a check that raised what is no outcome, and cannot blame the learner."""
    return EnvironmentProblem(
        "The check itself could not run; your answer is not to blame",
        f"{type(error).__name__}: {error}",
        look=f"`{spelled('doctor')}`; when that is clean, please report this",
    )


def strange_value(error: BaseException) -> Outcome:
    """The outcome of a check that trips over this answer, and passes on the reference."""
    got = f"{type(error).__name__}: {error}"
    if isinstance(error, RecursionError):  # the check's own depth is small
        got = "It is nested too deeply to be read"
    return Mismatch(
        "The check read what your code gave back, and could make nothing of it",
        got,
        "an answer of the form that the exercise describes",
        "the types and the shape of what your code returns or sends; if they are as described, "
        "please report this",
    )
