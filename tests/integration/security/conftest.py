"""The clinic with a family in it, at one moment, as a hunter for holes finds it."""

from tests.integration.portal.conftest import clinic

__all__ = ["clinic"]
