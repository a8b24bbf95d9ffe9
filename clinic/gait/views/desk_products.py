"""The manager's catalogue: names, prices from now on, words, and the refund rule."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Invalid, Refusal
from clinic.core.values import Role
from clinic.gait.forms.products import LINES, PolicyForm, ProductForm
from clinic.gait.operations.catalogue import save_product
from clinic.gait.presenters.refund_rule import present_refund_rule
from clinic.gait.queries.products import CatalogueProduct, get_product, list_catalogue
from clinic.gait.views.blueprint import blueprint
from clinic.payments.operations.orders import set_refund_policy
from clinic.payments.queries.money import get_refund_policy
from clinic.web.access import allow, current_actor
from clinic.web.filters import money

MANAGERS = (Role.ADMIN,)
PRODUCTS = "/desk/products"


@blueprint.get(PRODUCTS)
@allow(*MANAGERS)
def desk_products() -> ResponseReturnValue:
    """Everything that is sold, and the refund rule."""
    return _list_page(PolicyForm.of(get_refund_policy()))


@blueprint.post(f"{PRODUCTS}/refunds")
@allow(*MANAGERS)
def save_refund_rule() -> ResponseReturnValue:
    """Let another rule hold for cancellations from now on."""
    form = PolicyForm()
    policy = form.read()
    if policy is None:
        return _list_page(form, status=422)
    try:
        set_refund_policy(policy=policy, actor=current_actor(), now=now())
    except Invalid as refusal:
        form.form_errors.append(_(refusal.errors["policy"][0]))
        return _list_page(form, status=422)
    return redirect(f"{PRODUCTS}?done=rule", 303)


@blueprint.get(f"{PRODUCTS}/<slug>")
@allow(*MANAGERS)
def edit_product(slug: str) -> ResponseReturnValue:
    """A product in its fields."""
    product = get_product(slug)
    return _edit_page(product, ProductForm.of(product))


@blueprint.post(f"{PRODUCTS}/<slug>")
@allow(*MANAGERS)
def save(slug: str) -> ResponseReturnValue:
    """Keep what was typed; an order that stands keeps its price."""
    product, form = get_product(slug), ProductForm()
    change = form.read(slug)
    if change is None:
        return _edit_page(product, form, status=422)
    try:
        save_product(change=change, actor=current_actor(), now=now())
    except Invalid as refusal:
        form.tell(refusal)
        return _edit_page(product, form, status=422)
    except Refusal as refusal:
        form.form_errors.append(_(refusal.message))
        form.version.data = str(get_product(slug).copy_version)
        return _edit_page(product, form, status=refusal.status)
    return redirect(f"{PRODUCTS}?done=saved", 303)


def _list_page(form: PolicyForm, *, status: int = 200) -> ResponseReturnValue:
    rows = [
        (one, money(one.price_cents, currency=one.currency), f"{PRODUCTS}/{one.slug}")
        for one in list_catalogue()
    ]
    rule = present_refund_rule(policy=get_refund_policy())
    done = request.args.get("done", "")
    return render_template(
        "gait/desk_products.html", rows=rows, form=form, rule=rule, done=done
    ), status


def _edit_page(
    product: CatalogueProduct, form: ProductForm, *, status: int = 200
) -> ResponseReturnValue:
    return render_template(
        "gait/edit_product.html",
        product=product,
        form=form,
        lines=LINES,
        path=f"{PRODUCTS}/{product.slug}",
    ), status
