"""The front desk: the day, the calendar, search and booking."""

from clinic.desk.views import booking, search, today
from clinic.desk.views.blueprint import DESK, blueprint

__all__ = ["DESK", "blueprint", "booking", "search", "today"]
