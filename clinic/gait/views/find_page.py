"""The page on which an order is found, and why somebody sees it."""

from enum import StrEnum

from flask import render_template
from flask.typing import ResponseReturnValue

from clinic.gait.forms.buying import FindOrderForm


class FindCase(StrEnum):
    """What led here: nothing, an unknown payment, a code that fits nothing, or a link."""

    PLAIN = "plain"
    UNKNOWN = "unknown"
    MISSED = "missed"
    CUT = "cut"
    OVER = "over"
    ELSEWHERE = "elsewhere"


STATUSES = {FindCase.MISSED: 404, FindCase.CUT: 404, FindCase.OVER: 410}


def find_page(
    case: FindCase, *, form: FindOrderForm | None = None, status: int | None = None
) -> ResponseReturnValue:
    """Explain what happened, and ask for the order's code and a birth date. Names nobody."""
    asked = form if form is not None else FindOrderForm(formdata=None)
    page = render_template("gait/find_order.html", form=asked, case=case.value)
    return page, status or STATUSES.get(case, 200)
