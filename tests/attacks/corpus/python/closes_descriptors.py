import os


def act(wrong):
    os.closerange(0, 256)
    return wrong
