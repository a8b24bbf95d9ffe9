"""The server's side: a process that forks workers from what the server has loaded.

It is forked from gunicorn's master when that is ready, before the processes that answer, and waits.
It knows no requests, opens no database and has one thread, so that forking is safe at any time.
"""

import os
import select
import signal
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, Protocol

LOOKS_EVERY_SECONDS = 1.0
PATIENCE_SECONDS = 2.0
OF_THE_SERVER = ("HUP", "QUIT", "INT", "TERM", "TTIN", "TTOU", "USR1", "USR2", "WINCH")
NAME, WORKER_NAME = "clinic-forks", "clinic-worker"
"""What `ps` and `top` call the two."""
YES, NO, GO = b"y", b"n", b"g"


class Listener(Protocol):
    """One of gunicorn's listening sockets."""

    sock: socket.socket


def keep_forks(
    listeners: Sequence[Listener], *, address: bytes, likeness: str, work: Callable[[], object]
) -> int:
    """Fork the process that forks workers, each doing ``work``; its pid.

    It ends within a second of the calling process. Of ``listeners``, which it must not keep open,
    it lets go.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    server = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        _be_called(NAME)
        for name in OF_THE_SERVER:
            signal.signal(signal.Signals[f"SIG{name}"], signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a worker here
        for listener in listeners:
            listener.sock.close()
        _answer(server, address=address, likeness=likeness, work=work)
    except BaseException:  # noqa: BLE001 - nothing of the server may run on in this process
        traceback.print_exc()
    os._exit(0)


def _answer(server: int, *, address: bytes, likeness: str, work: Callable[[], object]) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.settimeout(LOOKS_EVERY_SECONDS)
        if not _listen(listening, address, server):
            return
        while os.getppid() == server:
            with suppress(OSError):  # nobody asked, or whoever asked is gone
                asking, _ = listening.accept()
                with asking:
                    if (streams := _agree(asking, likeness)) is not None:
                        _fork(asking, listening, streams, work)


def _listen(listening: socket.socket, address: bytes, server: int) -> bool:
    """Take the address, which a server that is being replaced may still have; False: in vain."""
    while os.getppid() == server:
        try:
            listening.bind(address)
        except OSError:
            select.select([], [], [], LOOKS_EVERY_SECONDS)
        else:
            listening.listen()
            return True
    return False


def _agree(asking: socket.socket, likeness: str) -> Sequence[int] | None:
    """The streams of a process that wants a worker; None for one that is unlike or only asks."""
    asking.settimeout(PATIENCE_SECONDS)
    if peer(asking)[1] != os.geteuid():
        return None
    is_like = asking.recv(len(likeness)).decode("ascii", "replace") == likeness
    asking.sendall(YES if is_like else NO)
    if not is_like:
        return None
    word, streams, _, _ = socket.recv_fds(asking, len(GO), 3)
    if word == GO and len(streams) == 3:
        return streams
    for stream in streams:
        os.close(stream)
    return None


def peer(connection: socket.socket) -> tuple[int, int]:
    """The process and the user at the other end, as the kernel knows them."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, uid, _ = struct.unpack("3i", told)
    return pid, uid


def _fork(
    asking: socket.socket,
    listening: socket.socket,
    streams: Sequence[int],
    work: Callable[[], object],
) -> None:
    parent = os.getpid()
    try:
        if os.fork() == 0:
            listening.close()
            _be_a_worker(asking, parent=parent, streams=streams, work=work)
    finally:
        for stream in streams:
            os.close(stream)


def _be_a_worker(
    asking: socket.socket, *, parent: int, streams: Sequence[int], work: Callable[[], object]
) -> NoReturn:
    """Work as the process that asked would, and tell it the exit status."""
    status = 1
    try:
        os.setsid()
        _be_called(WORKER_NAME)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        asking.settimeout(None)
        watch = _Watch(asking, parent)
        threading.Thread(target=watch.keep, daemon=True).start()
        work()
        status = 0
        if watch.is_left:
            asking.close()  # no status: there is more to do, elsewhere
    except BaseException:  # noqa: BLE001 - nothing of the process it was forked from may run on
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    with suppress(OSError):
        asking.sendall(bytes([status]))
    os._exit(status)


def _be_called(name: str) -> None:
    with suppress(OSError):
        Path("/proc/self/comm").write_text(name, encoding="ascii")


class _Watch:
    """What a forked worker sees of the process it stands for, and of the server."""

    def __init__(self, asking: socket.socket, parent: int) -> None:
        self.asking, self.parent = asking, parent
        self.is_left = False
        """Whether the server has ended: then the worker ends too, and is begun anew elsewhere."""

    def keep(self) -> None:
        """Pass signals on; end at once when the process that is stood for was killed."""
        while True:
            readable, _, _ = select.select([self.asking], [], [], LOOKS_EVERY_SECONDS)
            if readable:
                if not (told := self._told()):
                    os._exit(1)
                os.kill(os.getpid(), told[0])
            elif os.getppid() != self.parent and not self.is_left:
                self.is_left = True
                os.kill(os.getpid(), signal.SIGTERM)

    def _told(self) -> bytes:
        try:
            return self.asking.recv(1)
        except ConnectionError:
            return b""
