"""`dev verify --repeat N`: judges every case again and again; a verdict that changes is a flaw of a check.

The verdict of every check counts, not of the first that failed alone: points are given per check. So does
the author's contract: in each round a mistake fails in its check with its message, which no other one gets.

Each round draws other inputs. The last seed is used twice: then the messages must be equal too, but for
what differs between any two runs (ports, times, addresses, names drawn at random).
"""

from __future__ import annotations

import datetime
import platform
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workbench.authoring.cases import Case, cases_of
from workbench.authoring.contract import complaints_about, shared_messages
from workbench.authoring.pool import judge_cases, progress_bar
from workbench.boundary.outcomes import CUT
from workbench.course.catalog import Exercise, load_catalog
from workbench.course.place import Course
from workbench.judging.results import ExerciseResult

SET_OF_TEXTS = re.compile(r"\{'[^'{}:]*'(?:, '[^'{}:]*')+\}")  # printed in any order
CUT_TOLERANCE = 16  # numbers before the cut have more or fewer digits
KINDS = ("reference", "mistake", "answer")
PASSING = (
    (re.compile(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}\b|\b[0-9a-f]{12,64}\b"), "<id>"),
    (re.compile(r"\b(?:127\.0\.0\.1|localhost|0\.0\.0\.0|port):? ?\d{4,5}\b"), "<port>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:\+\d\d:\d\d|Z)?"), "<time>"),
    (
        re.compile(r"\b\d+(?:[.,]\d+)*(?:e-?\d+)? ?(?:ms|s|seconds?|milliseconds?|KB|MB|%)?\b"),
        "<n>",
    ),
    (re.compile(r"0x[0-9a-f]+"), "<address>"),
)


@dataclass
class Repeated:
    """One case: the verdict of each of its checks in each round, the messages and the result by seed, and
    what the author's contract has against them."""

    case: Case
    outcomes: list[dict[str, str]] = field(default_factory=list)
    messages: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    results: dict[int, ExerciseResult] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def add(self, seed: int, result: ExerciseResult, complaints: Iterable[str] = ()) -> None:
        self.results[seed] = result
        self.complaints += complaints
        self.outcomes.append({check.id: check.verdict for check in result.checks})
        problem = result.first_problem
        self.messages[seed].append(without_passing_values(problem.message if problem else ""))

    def differences(self) -> Iterator[str]:
        """A sentence for each way in which two gradings of the case came apart."""
        name = f"{self.case.exercise.id}, {self.case.kind} {self.case.name}"
        for check in sorted({check for outcome in self.outcomes for check in outcome}):
            counted = Counter(outcome.get(check, "not run") for outcome in self.outcomes)
            if len(counted) > 1:
                verdicts = ", ".join(f"{verdict} {n} times" for verdict, n in counted.most_common())
                yield f"{name}: {check} {verdicts}"
        for seed, messages in self.messages.items():
            for other in messages[1:]:
                if not are_alike(messages[0], other):
                    yield f"{name}: seed {seed} said two things:\n  {messages[0]}\n  {other}"
        if self.complaints:
            yield f"in {len(self.complaints)} gradings: {self.complaints[0]}"


def without_passing_values(message: str) -> str:
    """The message without what differs between any two runs."""
    for pattern, name in PASSING:
        message = pattern.sub(name, message)
    return SET_OF_TEXTS.sub(lambda found: str(sorted(found[0][1:-1].split(", "))), message)


def are_alike(message: str, other: str) -> bool:
    """Whether two messages say the same; a text that is cut may end a few characters sooner."""
    pieces, others = message.split(CUT), other.split(CUT)
    if len(pieces) != len(others) or pieces[-1] != others[-1]:
        return False
    for piece, its in zip(pieces[:-1], others[:-1], strict=True):
        shared = min(len(piece), len(its)) - CUT_TOLERANCE
        if piece[:shared] != its[:shared]:
            return False
    return True


def repeat_cases(
    course: Course, cases: list[Case], console, *, times: int, jobs: int, seed: int
) -> list[Repeated]:
    """Judges each case with `times` seeds, and once more with the last of them."""
    repeated = [Repeated(case) for case in cases]
    seeds = [*range(seed, seed + times), seed + times - 1]
    asked = [((one, number), one.case, number) for number in seeds for one in repeated]
    with progress_bar(console) as progress:
        task = progress.add_task("", total=len(asked))
        for (one, number), result in judge_cases(course, asked, jobs=jobs):
            one.add(number, result, complaints_about(course, one.case, result))
            progress.update(task, advance=1, description=one.case.exercise.id)
    return repeated


def shared_in(repeated: list[Repeated]) -> list[str]:
    """A sentence for each two mistakes of an exercise that got one message in some round."""
    counted = Counter()
    for exercise in {one.case.exercise.id for one in repeated}:
        own = [one for one in repeated if one.case.exercise.id == exercise]
        for seed in {seed for one in own for seed in one.results}:
            pairs = [(one.case, one.results[seed]) for one in own if seed in one.results]
            counted.update(shared_messages(pairs))
    return [f"{text} with {count} seeds" for text, count in sorted(counted.items())]


def repeat_all(
    course: Course,
    only: list[str],
    console,
    *,
    times: int,
    jobs: int,
    seed: int,
    report: Path | None = None,
) -> int:
    """Repeats the references, mistakes and answers; prints each difference; returns 0 when there is none."""
    from workbench.setup.files import write_atomically

    catalog = load_catalog(course.catalog_file)
    exercises = [catalog.exercise(name) for name in only] or list(catalog.exercises)
    cases = [c for e in exercises for c in cases_of(course, e) if c.kind in KINDS]
    repeated = repeat_cases(course, cases, console, times=times, jobs=jobs, seed=seed)
    differences = [text for one in repeated for text in one.differences()] + shared_in(repeated)
    for text in differences:
        console.print(text, markup=False)
    gradings = sum(len(one.outcomes) for one in repeated)
    console.print(f"{len(cases)} cases, {gradings} gradings, {len(differences)} differences.")
    if report:
        write_atomically(report, report_text(exercises, repeated, times=times, seed=seed))
    return 1 if differences else 0


def report_text(
    exercises: list[Exercise], repeated: list[Repeated], *, times: int, seed: int
) -> str:
    """The run as rows of a table."""
    lines = [
        f"{times} seeds from {seed} on, the last of them twice; {datetime.date.today().isoformat()}, "
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}.\n",
        "| exercise | cases | gradings | differences |",
        "|---|---:|---:|---:|",
    ]
    for exercise in exercises:
        own = [one for one in repeated if one.case.exercise.id == exercise.id]
        gradings = sum(len(one.outcomes) for one in own)
        differences = sum(len(list(one.differences())) for one in own) + len(shared_in(own))
        lines.append(f"| {exercise.id} | {len(own)} | {gradings} | {differences} |")
    return "\n".join(lines) + "\n"
