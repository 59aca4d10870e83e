"""The one kind of error the commands turn into a sentence."""


class HandoverError(Exception):
    """Something a user can put right; the message says what happened and what to do next."""
