"""Where orders stand at the desk, and who moves money there."""

from clinic.core.values import Role

MONEY = frozenset({Role.ADMIN, Role.FRONT_DESK})
DESK_ORDERS = "/desk/orders"


def desk_path(public_id: str) -> str:
    """An order's page at the desk."""
    return f"{DESK_ORDERS}/{public_id}"
