"""The blueprint of visits by video."""

from flask import Blueprint, Response

blueprint = Blueprint("telehealth", __name__)


@blueprint.after_request
def tell_no_other_site(answer: Response) -> Response:
    """The address of a page here opens it, so no page it leads to may learn it."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
