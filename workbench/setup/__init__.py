"""From a fresh clone to JupyterLab: ``start``, ``test`` and ``doctor``.

Only the standard library is imported here, because this runs before anything is installed.
"""
