"""Runs one command and writes what it took: ``codegen_launch.py FIGURES COMMAND...``.

A process inherits the peak memory of the one it was forked from. This one is as small
as an interpreter gets and stands between, so that the measuring process, which holds
large documents, does not count. Not run by hand.
"""

import os
import sys

if __name__ == "__main__":
    pid = os.fork()
    if not pid:
        os.execv(sys.argv[2], sys.argv[2:])
    _, status, usage = os.wait4(pid, 0)
    unit = 1e6 if sys.platform == "darwin" else 1024
    figures = (
        os.waitstatus_to_exitcode(status),
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / unit,
    )
    with open(sys.argv[1], "w") as file:
        file.write("{} {} {}".format(*figures))
