"""Screens of one kind, for journeys that the width of the screen does not change."""

import pytest

on_a_phone = pytest.mark.parametrize("width", [390], ids=["phone"])
at_a_desk = pytest.mark.parametrize("width", [1280], ids=["desktop"])
