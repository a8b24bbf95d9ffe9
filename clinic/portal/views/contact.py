"""How one is reached: looked at and changed by whoever is signed in."""

from datetime import timedelta

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.messaging.delivery import can_send
from clinic.messaging.rules import Channel
from clinic.people.operations.contact import choose_contact
from clinic.people.queries.contact import find_contact_ways, has_stopped_texts
from clinic.people.rules.contact import SMS
from clinic.people.rules.names import email_key
from clinic.portal.forms import ContactForm, TwoCodesForm
from clinic.portal.operations.contact import ask_for_address, change_phone, finish_address
from clinic.portal.presenters.contact import present_contact
from clinic.portal.views.blueprint import blueprint
from clinic.web.access import client_address, household, patients_only
from clinic.web.filters import phone
from clinic.web.limits import limit, network_of

CONTACT = "/portal/contact"
CODES = f"{CONTACT}/code"
ASKED = "contact_change"
WINDOW = timedelta(minutes=15)
CODES_OF_PERSON = 5
CODES_OF_ADDRESS = 5
TRIES_OF_NETWORK = 50


@blueprint.get(CONTACT)
@patients_only
def show_contact() -> ResponseReturnValue:
    """What is known, to be changed."""
    who = household()
    number = phone(who.phone) if who.phone else ""
    form = ContactForm(formdata=None, data={"email": who.email, "phone": number})
    return _page("portal/contact.html", form)


@blueprint.post(CONTACT)
@patients_only
def change_contact() -> ResponseReturnValue:
    """Change the number at once, and send codes for a new address."""
    form = ContactForm()
    wanted = form.read()
    if wanted is None:
        return _page("portal/contact.html", form, 422)
    who, at = household(), now()
    is_new = email_key(wanted.email) != who.email
    if is_new:
        _limit("contact-code", f"{who.email}|{who.birth_date}", CODES_OF_PERSON)
        _limit("contact-code-to", email_key(wanted.email), CODES_OF_ADDRESS)
    if (wanted.phone or None) != who.phone:
        change_phone(household=who, phone=wanted.phone or None, now=at)
    elif not is_new:
        return redirect(f"{CONTACT}?done=same", 303)
    if not is_new:
        return redirect(f"{CONTACT}?done=phone", 303)
    session[ASKED] = ask_for_address(household=who, email=wanted.email, now=at)
    return redirect(CODES, 303)


@blueprint.get(CODES)
@patients_only
def show_contact_codes() -> ResponseReturnValue:
    """Ask for the codes of both addresses."""
    if not isinstance(session.get(ASKED), str):
        return redirect(CONTACT, 303)
    return _page("portal/contact_codes.html", TwoCodesForm(formdata=None))


@blueprint.post(CODES)
@patients_only
def prove_contact() -> ResponseReturnValue:
    """Use the new address once both codes fit."""
    form, asked = TwoCodesForm(), session.get(ASKED)
    codes = form.read()
    if codes is None:
        return _page("portal/contact_codes.html", form, 422)
    _limit("contact-code-tried", network_of(client_address()), TRIES_OF_NETWORK)
    try:
        finish_address(
            household=household(),
            public_id=asked if isinstance(asked, str) else "",
            new_code=codes[0],
            old_code=codes[1],
            now=now(),
        )
    except Refusal as refusal:
        form.form_errors.append(_(refusal.message))
        return _page("portal/contact_codes.html", form, refusal.status)
    session.pop(ASKED, None)
    return redirect(f"{CONTACT}?done=email", 303)


@blueprint.post(f"{CONTACT}/texts")
@patients_only
def choose_texts() -> ResponseReturnValue:
    """Ask for text messages at one's own number, or for no more of them."""
    who, at, is_wanted = household(), now(), request.form.get("wanted") == "y"
    own = next((one for one in who.kin if one.is_self), None)
    if own is None:
        return redirect(CONTACT, 303)
    try:
        choose_contact(
            patient=own.patient, channel=SMS, is_wanted=is_wanted, actor=who.actor(own), now=at
        )
    except Refusal:
        return redirect(f"{CONTACT}?done=no-phone", 303)
    return redirect(f"{CONTACT}?done={'texts' if is_wanted else 'no-texts'}", 303)


def _page(
    template: str, form: ContactForm | TwoCodesForm, status: int = 200
) -> ResponseReturnValue:
    who = household()
    own = next((one.patient for one in who.kin if one.is_self), None)
    ways = find_contact_ways(patient=own) if own and can_send(Channel.SMS) else None
    view = present_contact(
        household=who,
        ways=ways,
        done=request.args.get("done", ""),
        has_stopped=bool(own and ways) and has_stopped_texts(patient=own or ""),
    )
    return render_template(template, form=form, page=view), status


def _limit(name: str, who: str, at_most: int) -> None:
    limit(name=name, who=who, at_most=at_most, now=now(), window=WINDOW)
