import sys

LINE = "x" * (1 << 20)


def act(wrong):
    for _ in range(5 << 10):
        print(LINE)
        print(LINE, file=sys.stderr)
    return wrong
