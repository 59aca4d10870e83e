"""What the project raised, as JSON."""

import builtins
import os
import traceback

BUILT_IN = dict(vars(builtins))


def name_of(kind):
    """The name of an exception's class; in full when it only calls itself like a built-in one."""
    name = kind.__name__
    return name if BUILT_IN.get(name, kind) is kind else f"{kind.__module__}.{name}"


def described(error, project):
    """The error as JSON: type, message, and the last line of the learner's project it came through."""
    place = {}
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(project):
            place = {"file": frame.filename, "line": frame.lineno, "code": frame.line or ""}
    if isinstance(error, SyntaxError) and error.filename:
        place = {"file": error.filename, "line": error.lineno, "code": (error.text or "").strip()}
    if place:
        place["file"] = os.path.relpath(place["file"], project).replace(os.sep, "/")
    bases = [name_of(base) for base in type(error).__mro__[:-2]]
    try:
        said = str(error)[:2000].splitlines()
        message = "\n".join(
            line for line in said if line.strip(" ^~")
        )  # arrows point at nothing here
    except BaseException:  # an exception of the learner's own may not even have a text
        message = "(its message could not be made)"
    return {"type": type(error).__name__, "bases": bases, "message": message, **place}


def described_safely(error, project):
    """The same; where the learner's code has broken what it takes to say more, the type alone."""
    try:
        return described(error, project)
    except BaseException:
        return {"type": "Exception", "bases": [], "message": "(it could not be described)"}
