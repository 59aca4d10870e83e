"""What a learner's process is asked, and how its answers are put into JSON.

Loaded by path into processes that must not see the course: standard library only, no import of the workbench.
"""

from .errors import described_safely
from .requests import Requests
from .values import plain

__all__ = ["Requests", "described_safely", "plain"]
