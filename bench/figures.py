"""Figures with their targets."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; ``at_least`` or ``at_most`` is the target, None: for information."""

    name: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the target is kept; None when there is none."""
        if self.at_least is not None:
            return self.value >= self.at_least
        if self.at_most is not None:
            return self.value <= self.at_most
        return None

    def as_json(self) -> dict[str, Any]:
        """The figure as it stands in the results."""
        found: dict[str, Any] = {"value": round(self.value, 3), "unit": self.unit}
        if self.at_least is not None:
            found["at_least"] = self.at_least
        if self.at_most is not None:
            found["at_most"] = self.at_most
        if self.holds is not None:
            found["holds"] = self.holds
        return found

    def as_line(self) -> str:
        """The figure for a person who watches."""
        target = f" (at least {self.at_least:g})" if self.at_least is not None else ""
        target = f" (at most {self.at_most:g})" if self.at_most is not None else target
        verdict = {True: "holds", False: "MISSED", None: ""}[self.holds]
        return f"  {self.name:<44} {self.value:>10.3f} {self.unit:<8}{target} {verdict}"
