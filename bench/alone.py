"""One bench by itself, while working on what it measures."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figures import Figure
from bench.houses import Houses
from bench.the_clinic import Filling

NEXT_TO_NOTHING = Filling(past=1, coming=1)


def run_alone(
    measure: Callable[[Houses], Sequence[Figure]], *, small: Filling = NEXT_TO_NOTHING
) -> int:
    """Measure in houses of its own and print the figures; 1 when a target is missed, else 0."""
    root = Path(tempfile.mkdtemp(prefix="clinic-bench-"))
    (root / "data").mkdir()
    houses = Houses(root, small=small, large=NEXT_TO_NOTHING)
    try:
        figures = measure(houses)
    finally:
        houses.close()
        shutil.rmtree(root, ignore_errors=True)
    for figure in figures:
        print(figure.as_line())
    return 1 if any(figure.holds is False for figure in figures) else 0
