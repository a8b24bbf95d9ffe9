"""Measure everything on both engines; the last line of stdout is one JSON object.

BENCH_QUICK=1: few rounds and a short history, to see while developing where things stand.
BENCH_ENGINES=sqlite or postgresql: only that one.
"""

import json
import os
import platform
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any, cast

from bench import (
    availability,
    booking,
    desk,
    forms,
    intake,
    mail,
    reading,
    waiting,
    webhook,
    weight,
)
from bench.figures import Figure
from bench.houses import Houses
from bench.the_clinic import Filling
from clinic.core.clock import now
from tests.support.databases import ENGINE_KINDS, EngineKind

RESULTS = Path(__file__).resolve().parent / "results"
SMALL = Filling(past=1_400, coming=600)
LARGE = Filling(past=1_000_000, coming=600)
FULL_ROUNDS = 300
QUICK_LARGE = Filling(past=20_000, coming=600)


def main() -> int:
    """Run all; exit status 1 when a target is missed."""
    warnings.simplefilter("ignore")
    is_quick = os.environ.get("BENCH_QUICK", "") not in {"", "0"}
    engines = os.environ.get("BENCH_ENGINES", "").split() or list(ENGINE_KINDS)
    rounds = 60 if is_quick else FULL_ROUNDS
    root = Path(tempfile.mkdtemp(prefix="clinic-bench-"))
    (root / "data").mkdir()
    houses = Houses(root, small=SMALL, large=QUICK_LARGE if is_quick else LARGE)
    began_at, began = now(), time.monotonic()
    try:
        found = {kind: _measure(houses, cast(EngineKind, kind), rounds) for kind in engines}
    finally:
        houses.close()
        shutil.rmtree(root, ignore_errors=True)
    every = [figure for figures in found.values() for figure in figures]
    missed = [figure.name for figure in every if figure.holds is False]
    result = {
        "began_at": began_at.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - began),
        "quick": is_quick,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "visits": {"small": SMALL.past + SMALL.coming, "large": houses.large_visits},
        "engines": {
            kind: {figure.name: figure.as_json() for figure in figures}
            for kind, figures in found.items()
        },
        "intake": {name: round(value, 3) for name, value in intake.measure().items()},
        "holds": not missed,
    }
    _publish(result)
    return 1 if missed else 0


def _measure(houses: Houses, kind: EngineKind, rounds: int) -> list[Figure]:
    print(f"{kind}:", file=sys.stderr, flush=True)
    small, large = houses.database(kind, "small"), houses.database(kind, "large")
    figures = _told(availability.measure(houses=houses, small=small, large=large, rounds=rounds))
    figures += _told(desk.measure(houses=houses, small=small, large=large, rounds=rounds))
    replayed = houses.database(kind, "small")
    figures += _told(
        booking.measure(houses=houses, subject=small, replayed=replayed, rounds=rounds)
    )
    events = houses.database(kind, "small")
    figures += _told(webhook.measure(houses=houses, url=events, rounds=rounds))
    filled = houses.database(kind, "small")
    figures += _told(forms.measure(houses=houses, subject=filled, rounds=rounds))
    mails = 10_000 if rounds >= FULL_ROUNDS else 1_000
    mailed = houses.database(kind, "small")
    figures += _told(mail.measure(houses=houses, subject=mailed, count=mails))
    demo = houses.database(kind, "demo")
    read = houses.database(kind, "demo")
    figures += _told(reading.measure(houses=houses, demo=read, rounds=max(20, rounds // 5)))
    figures += _told(waiting.measure(houses=houses, demo=demo, rounds=rounds))
    return figures + _told(weight.measure(houses=houses, demo=demo, rounds=rounds))


def _told(figures: list[Figure]) -> list[Figure]:
    for figure in figures:
        print(figure.as_line(), file=sys.stderr, flush=True)
    return figures


def _publish(result: dict[str, Any]) -> None:
    line = json.dumps(result)
    RESULTS.mkdir(exist_ok=True)
    name = result["began_at"].replace(":", "").replace("+0000", "Z")
    (RESULTS / f"{name}.json").write_text(line + "\n", encoding="ascii")
    print(line)


if __name__ == "__main__":
    sys.exit(main())
