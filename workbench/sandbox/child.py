"""Runs on the learner's side of the boundary: takes requests, calls the project, answers in JSON.

Run as `python -I child.py RULES PROJECT [PATH...]`, RULES being the sandbox's. One JSON object a line
comes in on standard input; one goes out on what was standard output (prints of the learner go to
standard error). Nothing here decides whether an answer is right, and nothing here knows the expected one.
"""

import gc
import io
import json
import os
import pathlib
import runpy
import sys


def main():
    rules, project, *paths = sys.argv[1:]
    here = pathlib.Path(__file__).parent
    load = runpy.run_path(str(here / "kernel" / "run.py"))["load"]
    sandbox, inside = load("kernel"), load("inside")
    # an editable course on the path would let a project import its own checks by accident
    outside = [p for p in sys.path if not pathlib.Path(p, "workbench", "judging").is_dir()]
    sys.path[:] = [project, *paths, *outside]
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False))
    sys.stdout = os.fdopen(1, "w", closefd=False, buffering=1)
    sys.stderr = os.fdopen(2, "w", closefd=False, buffering=1)
    gc.freeze()  # what a warm process handed down: to look through it again copies its memory
    sandbox.confine(sandbox.rules_from(rules))
    asked = inside.Requests(project)
    for line in requests:
        request = json.loads(line)
        name, method = request.pop("id"), getattr(asked, request.pop("do"))
        try:
            answer = {"value": inside.plain(method(**request))}
        except BaseException as error:
            answer = {"error": inside.described_safely(error, project)}
        answers.write(json.dumps({"id": name, **answer}).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    main()
