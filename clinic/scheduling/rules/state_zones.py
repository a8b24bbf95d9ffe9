"""By which clocks people live in a state, the clock of most of them first. Pure.

Source: 49 CFR part 71, in the words of the IANA time zone database. Who is seen by video names the
state they will be in, because licences depend on it; so a message can tell them their own hour.
"""

from collections.abc import Mapping

_EAST, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _PACIFIC = "America/Denver", "America/Los_Angeles"
_BY_CLOCKS: Mapping[tuple[str, ...], str] = {
    (_EAST,): "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    (_EAST, _CENTRAL): "FL IN KY MI",
    (_CENTRAL,): "AL AR IA IL LA MN MO MS OK WI",
    (_CENTRAL, _EAST): "TN",
    (_CENTRAL, _MOUNTAIN): "KS ND NE SD TX",
    (_MOUNTAIN,): "CO MT NM UT WY",
    (_MOUNTAIN, _PACIFIC): "ID",
    (_PACIFIC,): "CA WA",
    (_PACIFIC, _MOUNTAIN): "NV OR",
    ("America/Phoenix",): "AZ",
    ("America/Anchorage", "America/Adak"): "AK",
    ("Pacific/Honolulu",): "HI",
    ("America/Puerto_Rico",): "PR VI",
    ("Pacific/Pago_Pago",): "AS",
    ("Pacific/Guam",): "GU MP",
}
_CLOCKS = {state: clocks for clocks, states in _BY_CLOCKS.items() for state in states.split()}


def clocks_of(state: str | None) -> tuple[str, ...]:
    """The zones of a state's clocks; none where the state is not known."""
    return _CLOCKS.get(state or "", ())
