"""BookStore Workbench: it sets up, checks, explains, hints, remembers and grades.

In a notebook: ``from workbench import check, hint, serve``. On the command line:
``python3 -m workbench``. Importing this package loads nothing else.
"""


def __getattr__(name):
    # Lazy, so that `python3 -m workbench start` needs nothing but the standard library.
    if name in ("check", "hint", "serve"):
        from workbench.learning import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'workbench' has no attribute '{name}'")
