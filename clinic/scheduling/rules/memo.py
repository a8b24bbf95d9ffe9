"""A bounded memory of things worked out from one setting."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")

# A day's starts take some 4 KB: at most about 18 MB for one setting.
MOST_ENTRIES = 4096


class Memo:
    """Keeps the most recently used answers; safe to share between threads.

    It belongs to one setting and goes with it, so that what was worked out from one version of
    the configuration can never answer for another.
    """

    __slots__ = ("_entries", "_lock", "_most")

    def __init__(self, most: int = MOST_ENTRIES) -> None:
        self._entries: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()
        self._most = most

    def __len__(self) -> int:
        return len(self._entries)

    def __reduce__(self) -> tuple[type["Memo"], tuple[int]]:
        """A copy starts empty: a memory can always be filled again."""
        return Memo, (self._most,)

    def recall(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer kept under `key`, made now when there is none; `make` must be pure."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                kept: T = self._entries[key]
                return kept
        # Made outside the lock: two threads may both make it, and both get the same.
        made = make()
        with self._lock:
            self._entries[key] = made
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
        return made
