import os


def act(wrong):
    os._exit(0)
