"""Becomes another program that is tied to its parent. A script of its own, so that it starts fast.

Arguments: death signal, pid of the parent, uid and gid (`-` to keep them), then the program.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def _become_account(uid: str, gid: str) -> None:
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))


def _tie_to_parent(death_signal: int, parent: int) -> None:
    # The kernel forgets the tie when the user changes, so this comes after it.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit("the parent ended before its child began")


def main(death_signal: str, parent: str, uid: str, gid: str, *argv: str) -> None:
    _become_account(uid, gid)
    _tie_to_parent(int(death_signal), int(parent))
    os.execvp(argv[0], argv)  # noqa: S606 - becoming that program is the purpose


if __name__ == "__main__":
    main(*sys.argv[1:])
