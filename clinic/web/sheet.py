"""The page of all components, for those who build: /_components, never in production."""

from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext as _

from clinic.web import sale_samples, samples
from clinic.web.access import public
from clinic.web.fields import ErrorView

blueprint = Blueprint("sheet", __name__)


@blueprint.get("/_components")
@public
def components() -> Response:
    """Every macro in every state."""
    return make_response(
        render_template(
            "sheet/components.html",
            fields=samples.sample_fields(),
            sample_errors=(ErrorView("phone", _("Enter a phone number with area code")),),
            guardian_form=samples.sample_guardian(),
            hold=samples.sample_hold(),
            coming_views=samples.sample_coming(),
            sample_week=samples.sample_week(),
            alternatives=samples.sample_alternatives(),
            blocks=samples.sample_blocks(),
            writing=samples.sample_writing(),
            people=samples.sample_people(),
            offers=samples.sample_offers(),
            at_desk=samples.sample_desk(),
            sale=sale_samples.sample_sale(),
        )
    )
