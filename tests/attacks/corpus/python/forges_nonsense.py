import os

LINES = (
    b'{"id": "x", "error": 5}\n',
    b'{"error": {"type": 1, "bases": 2}}\n',
    b"[" * 200_000 + b"\n",
    b'"\\ud800"\n',
    b"\xff\xfe\x00\n",
    b"null\n",
    b'{"value": {"status": "0", "tests": [], "broken": 3}}\n',
    b"1" * 6000 + b"\n",
)
for descriptor in range(3, 64):
    for line in LINES:
        try:
            if os.readlink(f"/proc/self/fd/{descriptor}").startswith("pipe:"):
                os.write(descriptor, line)
        except OSError:
            pass


def act(wrong):
    return wrong
