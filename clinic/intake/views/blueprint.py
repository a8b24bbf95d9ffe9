"""The blueprint of the forms' pages."""

from flask import Blueprint, Response, request

blueprint = Blueprint("intake", __name__)


@blueprint.after_request
def tell_no_other_site(answer: Response) -> Response:
    """A link's address opens forms, so no page it leads to may learn it."""
    if request.path.startswith("/intake"):
        answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
