"""The OpenAPI document."""

from typing import Any


def document() -> dict[str, Any]:
    """The API as OpenAPI 3.1 describes it."""
    return {"openapi": "3.1.0", "info": {"title": "Clinic API", "version": "1"}, "paths": {}}
