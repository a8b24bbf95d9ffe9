"""Links to an order's own page. A link in a mail proves itself; the bare address does not."""

from clinic.core.crypto import keyring

PURPOSE = "order-link"


def order_path(*, public_id: str, link_version: int) -> str:
    """The page of an order, with the proof that its holder was written to."""
    return (
        f"/gait/orders/{public_id}?key={order_key(public_id=public_id, link_version=link_version)}"
    )


def order_key(*, public_id: str, link_version: int) -> str:
    """What proves that somebody may see the order; raising its ``link_version`` ends older ones."""
    return keyring().mac(PURPOSE, f"{public_id}:{link_version}")


def opens_order(*, key: str, public_id: str, link_version: int) -> bool:
    """Whether the key is this order's."""
    if not (key.isascii() and key.isprintable()):
        return False
    return keyring().proves(PURPOSE, f"{public_id}:{link_version}", key)
