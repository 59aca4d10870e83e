"""Values of the project, as JSON can carry them."""

import dataclasses

LONGEST_REPR = 300


def plain(value):
    """The value as JSON can carry it; what is no plain value is named by its type and its repr."""
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind in (list, tuple):
        return [plain(item) for item in value]
    if kind is dict:
        return {str(key): plain(item) for key, item in value.items()}
    if kind.__module__ == "numpy" and hasattr(value, "tolist"):
        return plain(value.tolist())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return {
        "$object": f"{kind.__module__}.{kind.__qualname__}",
        "$repr": repr(value)[:LONGEST_REPR],
    }
