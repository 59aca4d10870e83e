"""The judge's side of the boundary: asks a child process, never imports what the child runs."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from workbench.boundary.answers import is_test_run
from workbench.boundary.conversation import Conversation
from workbench.boundary.expect import Answer
from workbench.boundary.outcomes import EnvironmentProblem, LearnerError
from workbench.boundary.raised import raised_outcome
from workbench.boundary.services import ScriptedService, Service
from workbench.boundary.serving import CommandProcess
from workbench.sandbox.confinement import rules_for
from workbench.setup.layout import spelled

PORTS_TRIED = 3
LONG_AGO = 1_700_000_000


class Project:
    """A project tree a check can call: functions, probes, its service, its tests.

    `is_ours`: the course's own code runs in it, outside the sandbox.
    """

    def __init__(self, folder: Path, *, warm: str | None, is_ours: bool = False):
        self.folder = folder
        self.warm = warm
        self.is_ours = is_ours
        self._opened: list[Conversation | Project | CommandProcess] = []
        self._shared: Conversation | None = None

    def converse(self, **allowed: bool) -> Conversation:
        """A fresh child process for this tree; `allowed` as `rules_for` takes it."""
        paths = (self.folder.parent / "handover",)
        rules = "" if self.is_ours else rules_for(self.folder, **allowed).as_text()
        conversation = Conversation(self.folder, warm=self.warm, paths=paths, rules=rules)
        self._opened.append(conversation)
        return conversation

    @property
    def shared(self) -> Conversation:
        """The child process that `call` and `probe` use; a new one when it has ended."""
        if self._shared is None or self._shared.child.wait(0) is not None:
            self._shared = self.converse()
        return self._shared

    def call(self, module: str, function: str, *args: Any, **kwargs: Any) -> Answer:
        """Calls a function of the project with JSON values; returns its Answer."""
        said = f"{function}({_arguments(args, kwargs)})"
        return self.shared.ask(
            said, "call", module=module, function=function, args=args, kwargs=kwargs
        )

    def probe(self, file: Path, function: str, *args: Any, said: str, **kwargs: Any) -> Answer:
        """Runs a function of a check's own probe file beside the project; `said` describes it."""
        source = file.read_text(encoding="utf-8")  # the process itself cannot read the checks
        return self.shared.ask(
            said,
            "probe",
            file=file.name,
            source=source,
            function=function,
            args=args,
            kwargs=kwargs,
        )

    def start_service(self, model: dict | None, settings: dict[str, str]) -> ScriptedService:
        """Starts the service in a fresh child. `model`: scripted answers, a folder, or None."""
        conversation = self.converse()
        answer = conversation.ask(
            "create_app(predictor, settings)",
            "serve",
            has_form=lambda port: type(port) is int and 0 < port < 65536,
            model=model,
            settings=settings,
        )
        if answer.error:
            raise raised_outcome("The check started the service with `create_app`", answer.error)
        return ScriptedService(conversation, answer.value)

    def start_command(self, *, workers: int, settings: dict[str, str]) -> Service:
        """Runs `python -m churn_service --workers N` and waits until all workers serve.

        `settings` are its CHURN_ variables; without CHURN_PREDICTION_LOG it keeps no predictions.
        """
        if not (self.folder / "model" / "metadata.json").exists():
            raise EnvironmentProblem(
                "There is no model to serve yet", look=f"`{spelled('start --prepare')}` makes it"
            )
        variables = {"CHURN_PREDICTION_LOG": "off"} | settings
        for _ in range(PORTS_TRIED):
            process = CommandProcess(self.folder, workers, variables)
            self._opened.append(process)
            try:
                process.wait_until_serving()
                return Service(process, process.port)
            except LearnerError:
                if not process.lost_its_port():
                    raise
        raise EnvironmentProblem(
            "The check could not start the service; your answer is not to blame",
            "Other programs took every free port that it chose",
            look=f"`{spelled('doctor')}`, and try again",
        )

    def run_tests(self, path: str, *, stop_at_first_failure: bool = False) -> Answer:
        """Runs a pytest file of the project in a fresh child; see `run_tests` in child.py."""
        # no folder in common with other runs: a test must not know which run it is in
        conversation = self.converse(exchanges=False)
        answer = conversation.ask(
            f"pytest {path}",
            "run_tests",
            has_form=is_test_run,
            path=path,
            stop_at_first_failure=stop_at_first_failure,
        )
        conversation.close()
        return answer

    def variant(self, files: dict[str, str]) -> Project:
        """A copy of this project with the texts of some files replaced, by path. Closed with this one."""
        folder = self.folder.with_name(f"project-{secrets.token_hex(4)}")
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(
            self.folder, folder, symlinks=True, ignore=ignored, copy_function=shutil.copyfile
        )
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8", newline="\n")
        for place in sorted(folder.rglob("*")):  # no date tells which files were replaced
            os.utime(place, (LONG_AGO, LONG_AGO))
        made = Project(folder, warm=self.warm, is_ours=self.is_ours)
        self._opened.append(made)
        return made

    def close(self) -> None:
        for opened in self._opened:
            opened.close()


def _arguments(args: tuple, kwargs: dict) -> str:
    from workbench.boundary.expect import shown

    return ", ".join(
        [*map(shown, args), *(f"{name}={shown(value)}" for name, value in kwargs.items())]
    )
