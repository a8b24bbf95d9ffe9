"""The catalogue, orders as their buyers see them, and the desk's pages about both."""

from clinic.gait.views import buying, catalogue, orders, paying, reports
from clinic.gait.views.blueprint import blueprint

__all__ = ["blueprint", "buying", "catalogue", "orders", "paying", "reports"]
