"""`python -m churn_service`: the service on granian, a WSGI server for every platform."""

import argparse
import os
import secrets
import sys

from flask import Flask
from granian import Granian

from churn_service.model import ModelRefused
from churn_service.settings import SettingsError
from churn_service.wsgi import build


def build_or_exit() -> Flask:
    """Build the app, or end the process with status 1 and one sentence on stderr."""
    try:
        return build()
    except (ModelRefused, SettingsError) as refusal:
        sys.exit(f"The churn service did not start: {refusal}")


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Return host and port from the command line."""
    parser = argparse.ArgumentParser(prog="python -m churn_service", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    """Serve until interrupted."""
    asked = parse_arguments(arguments)
    # Every worker must agree on the pseudonyms, one that is restarted included.
    os.environ.setdefault("CHURN_PSEUDONYM_KEY", secrets.token_hex(32))
    server = Granian(
        "churn_service.wsgi:build",
        address=asked.host,
        port=asked.port,
        interface="wsgi",
        http="1",
        websockets=False,
        # A client that stalls in mid-body holds a thread, so there are more threads than work.
        blocking_threads=128,
        log_enabled=False,
    )
    print(f"Serving on http://{asked.host}:{asked.port}", flush=True)
    try:
        server.serve(target_loader=build_or_exit, wrap_loader=False)
    except (OSError, RuntimeError) as error:
        sys.exit(f"The churn service cannot listen on {asked.host}:{asked.port}: {error}.")


if __name__ == "__main__":
    main(sys.argv[1:])
