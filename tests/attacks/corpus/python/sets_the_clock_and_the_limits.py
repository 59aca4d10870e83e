import resource
import time

for harm in (
    lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()),
    lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2),
    lambda: resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2),
):
    try:
        harm()
        raise SystemExit("the limits did not hold")
    except (OSError, ValueError):
        pass


def act(wrong):
    return wrong
