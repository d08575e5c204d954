"""What happens between the fork and the program: drop privileges, die with the parent, exec.

Run as a script by a bare interpreter (standard library only), because code between fork and exec
is unsafe in a process with threads, and because the death signal is lost when the user changes.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def main(arguments: Sequence[str]) -> None:
    """The parent reads from the pipe `report` until the exec closes it, or why there is none."""
    report, parent, death, uid, gid, folder, *argv = arguments
    try:
        os.set_inheritable(int(report), False)
        become(int(uid), int(gid))
        die_with_parent(signal.Signals(int(death)), int(parent))
        os.chdir(folder)
        os.execv(argv[0], argv)  # noqa: S606 - the whole point
    except OSError as error:
        os.write(int(report), f"{error.filename or argv[0]}: {error.strerror}".encode())


def become(uid: int, gid: int) -> None:
    if uid != os.getuid():
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)


def die_with_parent(death: signal.Signals, parent: int) -> None:
    """Have the kernel send `death` to us when `parent` is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death), 0, 0, 0)
    if os.getppid() != parent:  # it went before we could ask
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
