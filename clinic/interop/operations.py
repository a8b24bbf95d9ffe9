"""What programs leave in the trail by looking."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clinic.core import audit
from clinic.core.db import housekeeping
from clinic.core.values import Actor


@housekeeping
def record_list_look(
    *, action: str, actor: Actor, now: datetime, details: Mapping[str, Any]
) -> None:
    """Put on record that ``actor`` looked at a list; ``details`` say which, naming no patient."""
    audit.record(action=action, actor=actor, now=now, details=details)
