import sys


def act(wrong):
    sys.exit(0)
