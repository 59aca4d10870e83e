"""What a user can mend."""

from __future__ import annotations


class UserError(Exception):
    """A command cannot do what was asked. The text is the whole message, and says what to do.

    The command line prints it and ends with status 2; in a notebook it is raised.
    """
