"""What `make run` starts: the demo clinic, its app, worker and mailbox, until Ctrl-C.

Children run in process groups of their own, so that Ctrl-C reaches only this process, which stops
them in order and kills what does not stop. When one of them ends by itself, the rest is stopped
and the exit status is 1.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sandbox.mailbox.texts import ACCOUNT, NUMBER, TOKEN  # noqa: E402
from tools.prepared import keep_prepared, was_prepared  # noqa: E402

KEY, SECRET = "sk_test_sandbox_only", "whsec_sandbox_only"  # of sandbox/stripe; they open nothing
BIN = Path(sys.executable).parent
WORKER = [str(BIN / "flask"), "--app", "wsgi", "worker"]
HOST = "127.0.0.1"
DEFAULT_PORT = "8000"
SECONDS_TO_START = 120
SECONDS_TO_STOP = 8
PR_SET_PDEATHSIG = 1

Child = subprocess.Popen[bytes]


class Stopped(Exception):
    """Somebody asked the demo to end."""


def main() -> int:
    """Run the demo; exit status 0 when somebody stopped it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    if os.environ.get("MAKELEVEL"):
        _end_with_parent()
    environ = {**os.environ, "CLINIC_ENV": "demo", "PYTHONUNBUFFERED": "1"}
    environ.setdefault("LOG_LEVEL", "WARNING")  # the addresses and sign-ins stay in sight
    environ["PORT"] = port = environ.get("PORT", "").strip() or DEFAULT_PORT
    children: dict[str, Child] = {}
    try:
        return _run(environ=environ, port=port, children=children)
    except Stopped:
        print("\nStopping ...", flush=True)
        return 0
    finally:
        _stop_all(children)


def _run(*, environ: dict[str, str], port: str, children: dict[str, Child]) -> int:
    if not _is_free(port):
        return 1
    print("Preparing the demo clinic ...", flush=True)
    prepared = was_prepared(environ) or _prepare(environ, children)
    if prepared is None:
        print("The demo clinic could not be prepared; nothing was started.", file=sys.stderr)
        return 1
    told, stand_ins = _stand_ins(environ, port)
    for name, command in {**stand_ins, "app": _app(port)}.items():
        children[name] = _start(command, environ)
    if not _answers(f"http://{HOST}:{port}/healthz", children):
        return 1
    children["worker"] = _start(WORKER, environ)  # beside a server it is there at once
    if not _answers(f"http://{HOST}:{port}/readyz", children):
        return 1
    print(f"\nThe demo clinic is open at http://localhost:{port}\n{prepared}", flush=True)
    for line in told:
        print(f"\n{line}", flush=True)
    print("\nCtrl-C stops it. What you do is kept for the next time.", flush=True)
    ended = _wait_for_an_end(children)
    print(f"The {ended} ended by itself; stopping the rest.", file=sys.stderr)
    return 1


def _app(port: str) -> list[str]:
    return [
        *(str(BIN / "gunicorn"), "wsgi:app", "--bind", f"{HOST}:{port}", "--preload"),
        *("--workers", "2", "--worker-class", "gthread", "--threads", "8"),
        *("--log-level", "warning", "--graceful-timeout", "3"),
    ]


def _stand_ins(environ: dict[str, str], port: str) -> tuple[list[str], dict[str, list[str]]]:
    """What stands in for the world outside where it is not configured: words about it, commands."""
    smtp_port, mailbox, shop = _free_ports(3, above=int(port))
    told: list[str] = []
    commands: dict[str, list[str]] = {}
    ways: list[str] = []
    if not environ.get("SMTP_URL", "").strip():
        environ["SMTP_URL"] = f"smtp://{HOST}:{smtp_port}"
        ways.append("e-mail")
    if not environ.get("SMS_URL", "").strip():
        environ["SMS_URL"] = f"twilio+http://{ACCOUNT}:{TOKEN}@{HOST}:{mailbox}?from={NUMBER}"
        ways.append("text message")
    if ways:
        commands["mailbox"] = _mailbox(environ, smtp_port, mailbox, port)
        told.append(f"What it sends by {' and '.join(ways)} lands at http://localhost:{mailbox}")
    if not environ.get("STRIPE_API_KEY", "").strip():
        environ |= {"STRIPE_API_KEY": KEY, "STRIPE_WEBHOOK_SECRET": SECRET}
        environ["STRIPE_API_BASE"] = f"http://{HOST}:{shop}"
        commands["payment service"] = _payment_service(environ, shop, port)
        told.append(f"Payments go to a stand-in that moves no money: http://localhost:{shop}")
    return told, commands


def _mailbox(
    environ: dict[str, str], smtp_port: int, http_port: int, clinic_port: str
) -> list[str]:
    """The stand-in for a mail server and a text service; what came stays beside the demo's data."""
    folder = Path(environ.get("DATA_DIR", "").strip() or ROOT / "instance").expanduser()
    ports = ("--smtp-port", str(smtp_port), "--http-port", str(http_port))
    # The clinic checks the signature over its own address, so that is the one to call.
    clinic = environ.get("BASE_URL", "").strip().rstrip("/") or f"http://localhost:{clinic_port}"
    kept = ("--file", str(folder / "mailbox.sqlite3"))
    answers = ("--texts-webhook", f"{clinic}/messages/sms/webhook")
    return [sys.executable, "-m", "sandbox.mailbox", *ports, *kept, *answers]


def _payment_service(environ: dict[str, str], http_port: int, clinic_port: str) -> list[str]:
    """The stand-in for the payment service; what was paid stays beside the demo's other data."""
    folder = Path(environ.get("DATA_DIR", "").strip() or ROOT / "instance").expanduser()
    address = f"http://{HOST}:{clinic_port}/payments/stripe/webhook"
    kept = ("--webhook", address, "--file", str(folder / "payments.json"))
    return [sys.executable, "-m", "sandbox.stripe", "--port", str(http_port), *kept]


def _free_ports(count: int, *, above: int) -> list[int]:
    """The next free ports, the same ones at each start as long as nobody else takes them."""
    found: list[int] = []
    for port in range(above + 1, above + 200):
        with socket.socket() as listening, contextlib.suppress(OSError, OverflowError):
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((HOST, port))
            found.append(port)
        if len(found) == count:
            return found
    raise Stopped


def _is_free(port: str) -> bool:
    """Whether the app can listen there; says so when it cannot."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, int(port)))
        except (OSError, ValueError, OverflowError):
            print(f"Port {port} is taken or no port: try PORT=8001 make run.", file=sys.stderr)
            return False
    return True


def _prepare(environ: dict[str, str], children: dict[str, Child]) -> str | None:
    """Bring the database up to date and load the demo clinic once; what it said, else None."""
    command = [sys.executable, str(ROOT / "tools" / "prepare_demo.py")]
    children["preparation"] = child = _start(command, environ, stdout=subprocess.PIPE)
    said = child.communicate()[0].decode(errors="replace").strip()
    del children["preparation"]
    if child.returncode != 0:
        return None
    keep_prepared(environ, said)
    return said


def _start(command: list[str], environ: dict[str, str], stdout: int | None = None) -> Child:
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        start_new_session=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has one thread
    )


def _answers(url: str, children: dict[str, Child]) -> bool:
    """Wait until the address answers 200; says why when it does not."""
    deadline = time.monotonic() + SECONDS_TO_START
    answer = "no answer"
    while time.monotonic() < deadline:
        if ended := _ended(children):
            print(f"The {ended} could not start; see above.", file=sys.stderr)
            return False
        try:
            with urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
                if response.status == 200:
                    return True
        except HTTPError as error:
            answer = error.read(500).decode(errors="replace")
        except (URLError, OSError):
            pass
        time.sleep(0.1)
    print(f"The clinic is not ready after {SECONDS_TO_START} s: {answer}", file=sys.stderr)
    return False


def _wait_for_an_end(children: dict[str, Child]) -> str:
    while not (ended := _ended(children)):
        time.sleep(0.25)
    return ended


def _ended(children: dict[str, Child]) -> str | None:
    return next((name for name, child in children.items() if child.poll() is not None), None)


def _stop_all(children: dict[str, Child]) -> None:
    """Ask every child to stop, then kill whatever is left of its group."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for child in children.values():
        _signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_STOP
    for child in children.values():
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
    for child in children.values():
        _signal_group(child, signal.SIGKILL)
        child.wait()


def _signal_group(child: Child, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _end_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent is gone, however it went (Linux; else nothing)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
