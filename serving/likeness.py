"""What must be the same before a worker may live from a server's memory: whatever it could see.

The environment, the code, the user, the place (container, control group, folder, limits). Whoever
wants them apart gives one of them a variable that the other has not.
"""

import hashlib
import json
import os
import resource
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = sysconfig.get_path("purelib")
ALONE_UNTIL = "CLINIC_WORKER_ALONE_UNTIL"
"""Until when (seconds, CLOCK_MONOTONIC) a worker asks no server."""
OF_THE_START = frozenset(
    {"_", "PWD", "OLDPWD", "SHLVL", "SERVER_SOFTWARE", "GUNICORN_CMD_ARGS", "WEB_CONCURRENCY"}
    | {"FLASK_APP", "FLASK_RUN_FROM_CLI", ALONE_UNTIL}
)
"""Variables that differ because two programs were started, and change nothing."""
NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")
LIMITS = ("RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE")


def likeness(environ: Mapping[str, str]) -> str:
    """A digest that two processes have in common only where they could be one program.

    Taken before the code is loaded. Linux only; elsewhere OSError.
    """
    seen = {
        "environment": {key: environ[key] for key in sorted(environ) if key not in OF_THE_START},
        "python": [sys.version, sys.prefix, str(sys.flags), sys.warnoptions],
        "code": sorted(_code()),
        "user": [os.getuid(), os.geteuid(), os.getgid(), os.getegid(), sorted(os.getgroups())],
        "place": [str(Path.cwd()), Path("/proc/self/cgroup").read_text(), _umask()],
        "namespaces": [str(Path(f"/proc/self/ns/{name}").readlink()) for name in NAMESPACES],
        "limits": [resource.getrlimit(getattr(resource, name)) for name in LIMITS],
        "niceness": os.getpriority(os.PRIO_PROCESS, 0),
    }
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def address(environ: Mapping[str, str]) -> bytes:
    """Where a server of this clinic listens for its worker: a name, no file, made of no secret."""
    place = f"{os.geteuid()}\0{ROOT}\0{environ.get('DATA_DIR', '')}"
    return b"\0clinic-worker-" + hashlib.sha256(place.encode()).hexdigest()[:32].encode()


def _code() -> Iterator[tuple[str, int, int]]:
    """Libraries with their versions, files of ours with what changes when somebody changes them."""
    for folder in Path(LIBRARIES).glob("*.dist-info"):
        yield folder.name, 0, 0
    files = [*ROOT.glob("*.py")]
    for name in ("clinic", "serving", "templates"):
        files += [one for one in (ROOT / name).rglob("*") if one.suffix in {".py", ".html", ".txt"}]
    for file in files:
        found = file.stat()
        yield str(file), found.st_mtime_ns, found.st_size


def _umask() -> str:
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next((line for line in lines if line.startswith("Umask:")), "")
