import sys
import threading

sys.setrecursionlimit(2**31 - 1)


def act(wrong):
    def down(depth):
        return down(depth + 1) + 1

    return down(0)
