"""The Markdown summary of a grading, for a build server's page: the first failure of each exercise."""

from __future__ import annotations

import re
from pathlib import Path

from workbench.grading.gradebook import percent, results_of
from workbench.learning.show import SIGNS

MOST_SUBMISSIONS = 50
LONGEST_MESSAGE = 1500


def summary(records: list[dict]) -> str:
    """The points of each submission, and where each exercise fails first. No text of a learner becomes
    markup: names are escaped, messages stand in code blocks that they cannot close."""
    parts = []
    for record in records[:MOST_SUBMISSIONS]:
        points = record["points"]
        parts.append(f"## {escaped(record['submission'])}")
        if record["problem"]:
            parts.append(f"Could not be graded.\n\n{block(record['problem'])}")
            continue
        parts.append(
            f"**{points['earned']} of {points['possible']} points** ({percent(points)} %), "
            f"course `{record['course']}`, seed {record['seed']}"
        )
        parts += _exercises(record)
    if len(records) > MOST_SUBMISSIONS:
        parts.append(f"{len(records) - MOST_SUBMISSIONS} more are in the report.")
    return "\n\n".join(parts) + "\n"


def _exercises(record: dict) -> list[str]:
    results = results_of(record).values()
    rows = ["| | exercise | points |", "|---|---|---|"]
    for result in results:
        sign, words, _ = SIGNS[result.verdict]
        earned = f"{result.points_earned} of {result.points_possible}"
        rows.append(f"| {sign} {words} | `{result.exercise}` | {earned} |")
    parts = ["\n".join(rows)]
    for result in results:
        problem = result.first_problem
        if problem and result.verdict != "not_started":
            parts.append(
                f"### {result.exercise}: {escaped(problem.title)}\n\n{block(problem.message)}"
            )
    return parts


def escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>&~@:$])", r"\\\1", text)


def block(text: str) -> str:
    """A code block with a fence longer than any run of backticks in the text."""
    text = text[:LONGEST_MESSAGE]
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def save_summary(file: Path, records: list[dict]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(summary(records), encoding="utf-8")
