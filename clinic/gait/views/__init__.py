"""The catalogue, orders as their buyers see them, and the desk's pages about both."""

from clinic.gait.views import (
    buying,
    catalogue,
    desk_money,
    desk_order_steps,
    desk_orders,
    desk_products,
    desk_sales,
    desk_tasks,
    orders,
    paying,
    reports,
)
from clinic.gait.views.blueprint import blueprint
from clinic.gait.views.links import add_links

__all__ = [
    "add_links",
    "blueprint",
    "buying",
    "catalogue",
    "desk_money",
    "desk_order_steps",
    "desk_orders",
    "desk_products",
    "desk_sales",
    "desk_tasks",
    "orders",
    "paying",
    "reports",
]
