"""The worker's side: is there a server to live from, and what becomes of this process then."""

import os
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from serving.forks import GO, PATIENCE_SECONDS, YES, peer
from serving.likeness import ALONE_UNTIL, address, likeness

STAND_IN = Path(__file__).with_name("stand_in.py")


def hand_over() -> None:
    """Let a server fork the worker, and become its stand-in; return where there is none to ask."""
    asked = Company().ask()
    if asked is None:
        return
    with asked:
        try:
            socket.send_fds(asked, [GO], [0, 1, 2])
        except OSError:  # one of the three is closed
            os.environ[ALONE_UNTIL] = "inf"
            return
        asked.settimeout(None)
        os.set_inheritable(asked.fileno(), True)
        # Without what a Python usually loads: it only waits.
        words = ("-I", "-S", str(STAND_IN), str(asked.fileno()), *sys.orig_argv[1:])
        os.execv(sys.executable, [sys.executable, *words])  # noqa: S606 - no shell is wanted


def begin_anew() -> NoReturn:
    """Start this very command again, in this process."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


class Company:
    """A server beside this process that would fork it; one that said no is not asked again."""

    def __init__(self) -> None:
        self._unlike = 0

    def is_there(self) -> bool:
        """Whether there is one by now."""
        found = self.ask()
        if found is not None:
            found.close()
        return found is not None

    def ask(self) -> socket.socket | None:
        """A connection to it: to a server of this user, like this process in everything."""
        if not sys.platform.startswith("linux") or _is_to_be_alone(os.environ):
            return None
        asking = socket.socket(socket.AF_UNIX)
        try:
            asking.settimeout(PATIENCE_SECONDS)
            asking.connect(address(os.environ))
            if self._would_agree(asking):
                return asking
        except OSError:
            pass  # there is none, or it is just ending
        asking.close()
        return None

    def _would_agree(self, asking: socket.socket) -> bool:
        server, user = peer(asking)
        if user != os.geteuid() or server == self._unlike:
            return False
        asking.sendall(likeness(os.environ).encode())
        if asking.recv(1) == YES:
            return True
        self._unlike = server
        return False


def _is_to_be_alone(environ: Mapping[str, str]) -> bool:
    try:
        return time.monotonic() < float(environ.get(ALONE_UNTIL, "0"))
    except ValueError:
        return False
