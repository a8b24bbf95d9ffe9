"""Sealed texts open at their own place, with their own key, unchanged."""

import pytest

from clinic.core.crypto import CannotOpen, Keyring

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


class TestKeyring:
    def test_opens_what_it_sealed(self) -> None:
        ring = Keyring([("k1", OLD)])
        sealed = ring.seal("knee pain \U0001f9b5", bound_to="t|c|1")
        assert "knee" not in sealed
        assert ring.open(sealed, bound_to="t|c|1") == "knee pain \U0001f9b5"

    def test_seals_the_same_text_differently_each_time(self) -> None:
        ring = Keyring([("k1", OLD)])
        assert ring.seal("a", bound_to="x") != ring.seal("a", bound_to="x")

    def test_refuses_a_value_from_another_place(self) -> None:
        ring = Keyring([("k1", OLD)])
        with pytest.raises(CannotOpen, match="moved"):
            ring.open(ring.seal("a", bound_to="t|c|1"), bound_to="t|c|2")

    def test_refuses_a_changed_value(self) -> None:
        ring = Keyring([("k1", OLD)])
        sealed = ring.seal("a text", bound_to="x")
        changed = sealed[:-2] + ("AA" if not sealed.endswith("AA") else "BB")
        with pytest.raises(CannotOpen):
            ring.open(changed, bound_to="x")

    @pytest.mark.parametrize("sealed", ["", "v1", "v2.k1.a.b", "v1.k1.!.!", "v1.k1..", "a.b.c.d.e"])
    def test_refuses_what_is_no_envelope(self, sealed: str) -> None:
        with pytest.raises(CannotOpen):
            Keyring([("k1", OLD)]).open(sealed, bound_to="x")

    def test_says_when_the_key_is_not_there(self) -> None:
        sealed = Keyring([("old", OLD)]).seal("a", bound_to="x")
        with pytest.raises(CannotOpen, match="not in CLINIC_KEYS"):
            Keyring([("new", NEW)]).open(sealed, bound_to="x")

    def test_refuses_another_key_of_the_same_name(self) -> None:
        sealed = Keyring([("k1", OLD)]).seal("a", bound_to="x")
        with pytest.raises(CannotOpen):
            Keyring([("k1", NEW)]).open(sealed, bound_to="x")

    def test_opens_with_an_old_key_and_seals_with_the_first(self) -> None:
        sealed = Keyring([("old", OLD)]).seal("a", bound_to="x")
        ring = Keyring([("new", NEW), ("old", OLD)])
        assert ring.open(sealed, bound_to="x") == "a"
        assert ring.seal("a", bound_to="x").startswith("v1.new.")

    def test_needs_a_key(self) -> None:
        with pytest.raises(ValueError, match="at least one"):
            Keyring([])
