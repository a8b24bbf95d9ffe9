"""How long and which words may be in what programs send."""

LONGEST_CODE = 64
LONGEST_REASON = 500
MOST_CODES = 20
WAYS = ("preview", "none", "free")
"""What a conflict in a series means."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PRICES = ("amount", "cents", "currency", "price", "price_cents", "total", "total_cents")
"""Words for a price. They may come along, and are not read: an order has the clinic's own price."""
