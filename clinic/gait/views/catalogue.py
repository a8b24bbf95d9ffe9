"""What is sold."""

from flask import render_template

from clinic.core.clock import now
from clinic.gait.presenters.catalogue import present_analysis
from clinic.gait.presenters.refund_rule import present_refund_rule
from clinic.gait.queries.products import list_sold, takes_payments
from clinic.gait.views.blueprint import blueprint
from clinic.payments.queries.money import get_refund_policy
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.weeks import find_next_free_by_service
from clinic.web.access import public
from clinic.web.packing import packed


@blueprint.get("/gait")
@public
@packed
def catalogue() -> str:
    """The analyses on offer, with prices, first free times and the refund rule."""
    setting = get_setting()
    next_free = find_next_free_by_service(setting=setting, now=now())
    analyses = [
        present_analysis(product=one, setting=setting, next_free=next_free) for one in list_sold()
    ]
    rule = present_refund_rule(policy=get_refund_policy())
    return render_template(
        "gait/catalogue.html", analyses=analyses, rule=rule, is_open=takes_payments()
    )
