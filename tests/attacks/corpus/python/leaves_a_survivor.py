import os
import subprocess
import sys
import time

SLEEP = "import time; time.sleep(300)  # @TOKEN@"


def daemon():
    """The classic double fork, in every way there is to leave the group."""
    if os.fork() == 0:
        for leave in (os.setsid, lambda: os.setpgid(0, 0)):
            try:
                leave()
            except OSError:
                pass
        if os.fork() == 0:
            os.closerange(0, 64)
            os.execv(sys.executable, [sys.executable, "-c", SLEEP])
        os._exit(0)


daemon()
subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True)
subprocess.Popen([sys.executable, "-c", SLEEP], process_group=0)
try:
    subprocess.Popen(["setsid", "nohup", sys.executable, "-c", SLEEP])
except OSError:
    pass
time.sleep(0.2)


def act(wrong):
    return wrong
