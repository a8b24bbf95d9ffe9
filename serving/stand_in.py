"""What stays of a worker that a server has forked: it hands on signals and ends with it.

Run as a program without the usual modules, so that it weighs little. Arguments: the connection's
file descriptor, and the command (after Python) to begin anew with when the worker was lost.
"""

import os
import signal
import sys
import time

ALONE_UNTIL = "CLINIC_WORKER_ALONE_UNTIL"
ALONE_SECONDS = 60
HANDED_ON = (signal.SIGTERM, signal.SIGINT)


def main(connection: int, command: list[str]) -> int:
    """Wait for the worker's exit status; without one, run the command in this process."""
    asked: list[int] = []

    def hand_on(number: int, _frame: object) -> None:
        asked.append(number)
        try:  # noqa: SIM105 - one module less
            os.write(connection, bytes([number]))
        except OSError:
            pass  # it has ended: that is what is waited for

    for number in HANDED_ON:
        signal.signal(number, hand_on)
    try:
        status = os.read(connection, 1)
    except OSError:
        status = b""
    if status:
        return status[0]
    for number in HANDED_ON:
        signal.signal(number, signal.SIG_DFL)
    if asked:
        return 0
    os.environ[ALONE_UNTIL] = str(time.monotonic() + ALONE_SECONDS)
    return os.execv(sys.executable, [sys.executable, *command])  # noqa: S606 - it never does


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
