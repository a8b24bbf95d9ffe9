"""What the manager types about a product, and about what is given back when."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from clinic.core.errors import Invalid
from clinic.gait.operations.catalogue import ProductChange
from clinic.gait.queries.products import CatalogueProduct
from clinic.gait.rules.copy import FIELDS, longest
from clinic.payments.rules.refunds import Notice, Policy
from clinic.web.amounts import cents_of
from clinic.web.posted import PostedForm

LINES = {"summary": 2, "gets": 6, "bring": 2, "ask_first": 5, "questions": 8}


class ProductForm(PostedForm):
    """A product and its words, as they are to be from now on."""

    name = StringField(_l("Name"))
    price = StringField(
        _l("Price"),
        description=_l("Holds for new orders; who has ordered pays what they were told."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    active = BooleanField(_l("Offered online"))
    summary = TextAreaField(_l("In one or two sentences"))
    gets = TextAreaField(
        _l("What one gets"), description=_l("A line for each, like: A written report: in words.")
    )
    bring = TextAreaField(_l("What to bring"))
    ask_first = TextAreaField(
        _l("Talk first, if"),
        description=_l("A line for each reason. Buyers say only whether any applies."),
    )
    questions = TextAreaField(
        _l("Questions"), description=_l("A line for each, like: Do I need a referral? No.")
    )
    version = HiddenField()

    @classmethod
    def of(cls, product: CatalogueProduct) -> "ProductForm":
        """The form filled with a product as it stands."""
        cents = product.price_cents
        price = str(cents // 100) if cents % 100 == 0 else f"{cents / 100:.2f}"
        data = {
            **product.copy,
            "name": product.name,
            "price": price,
            "active": product.is_active,
            "version": product.copy_version,
        }
        return cls(formdata=None, data=data)

    def read(self, slug: str) -> ProductChange | None:
        """What was typed, or None with the fault of the price told."""
        cents = cents_of(self.price.data or "")
        if not self.validate() or cents is None:
            self.price.errors = [_("Enter a price like 420 or 420.50.")]
            return None
        version = self.version.data or ""
        return ProductChange(
            slug=slug,
            name=" ".join((self.name.data or "").split()),
            price_cents=cents,
            is_active=bool(self.active.data),
            copy={field.name: self[field.name].data or "" for field in FIELDS},
            looked_at=int(version) if version.isascii() and version.isdecimal() else -1,
        )

    def tell(self, refusal: Invalid) -> None:
        """Let each fault stand at its field."""
        for name, sentences in refusal.errors.items():
            most = longest(name) if name in LINES else 0
            self[name].errors = [_(sentences[0], most=most)]


class PolicyForm(PostedForm):
    """What is given back when: percent for each status, by notice where a time is booked."""

    paid = StringField(_l("Bought, no lab time chosen: percent back"))
    first_hours = StringField(_l("With this many hours of notice or more"))
    first_percent = StringField(_l("Percent back then"))
    second_hours = StringField(_l("Else with this many hours or more"))
    second_percent = StringField(_l("Percent back then"))
    recorded = StringField(_l("Recorded: percent back"))
    released = StringField(_l("Report released: percent back"))

    @classmethod
    def of(cls, policy: Policy) -> "PolicyForm":
        """The form filled with the rule that holds."""
        steps = [*policy.scheduled, Notice(0, 0), Notice(0, 0)]
        data = {
            "paid": policy.paid,
            "recorded": policy.recorded,
            "released": policy.released,
            "first_hours": steps[0].hours,
            "first_percent": steps[0].percent,
            "second_hours": steps[1].hours,
            "second_percent": steps[1].percent,
        }
        return cls(formdata=None, data=data)

    def read(self) -> Policy | None:
        """The rule, or None with a fault told at each field that is no number."""
        sound = bool(self.validate())
        numbers = {}
        for field in self:
            if field.name == "csrf_token":
                continue
            typed = (field.data or "").strip()
            if not (typed.isascii() and typed.isdecimal() and len(typed) <= 4):
                field.errors = [_("Enter a whole number.")]
                sound = False
            else:
                numbers[field.name] = int(typed)
        if not sound:
            return None
        steps = (
            Notice(numbers["first_hours"], numbers["first_percent"]),
            Notice(numbers["second_hours"], numbers["second_percent"]),
        )
        return Policy(
            paid=numbers["paid"],
            scheduled=tuple(step for step in steps if step != Notice(0, 0)),
            recorded=numbers["recorded"],
            released=numbers["released"],
        )
