"""The API's description of itself."""

from flask import Response

from clinic.interop.presenters.document import document
from clinic.interop.views.answers import json_answer
from clinic.interop.views.blueprint import blueprint
from clinic.web.access import public


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """The OpenAPI 3.1 document."""
    return json_answer(document())
