"""The people who work here, for whoever runs the clinic."""

from flask import current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Invalid
from clinic.core.values import Role
from clinic.people import queries
from clinic.people.forms import InviteForm, RoleForm
from clinic.people.operations import (
    LINK_LASTS,
    LastManager,
    StaffExists,
    change_role,
    disable_staff,
    enable_staff,
    end_sessions_of,
    invite_staff,
    reset_second_factor,
    send_setup_link,
)
from clinic.people.presenters import present_staff, present_staff_line
from clinic.people.views.blueprint import blueprint
from clinic.web.access import allow, current_actor
from config import Config

STAFF = "/desk/staff"
ONE = f"{STAFF}/<public_id>"
ROLES = (Role.ADMIN,)


@blueprint.get(STAFF)
@allow(*ROLES)
def show_staff() -> ResponseReturnValue:
    """Everybody who works or worked here."""
    actor, at = current_actor(), now()
    lines = tuple(
        present_staff_line(member=member, actor=actor, now=at)
        for member in queries.list_staff(now=at)
    )
    return render_template("people/staff.html", lines=lines)


@blueprint.get(f"{STAFF}/new")
@allow(*ROLES, proved_lately=True)
def show_invite() -> ResponseReturnValue:
    """Ask who is to work here."""
    return render_template("people/invite.html", form=InviteForm(role=Role.FRONT_DESK.value))


@blueprint.post(f"{STAFF}/new")
@allow(*ROLES, proved_lately=True)
def do_invite() -> ResponseReturnValue:
    """Make the account, send the link, and show it this once."""
    form = InviteForm()
    if form.validate():
        try:
            hired = invite_staff(
                email=form.email.data,
                name=form.name.data,
                role=Role(form.role.data),
                actor=current_actor(),
                now=now(),
            )
            return _link_page(hired.public_id, hired.token)
        except Invalid as refusal:
            for name, texts in refusal.errors.items():
                form[name].errors = [_(text) for text in texts]
        except StaffExists as refusal:
            form.email.errors = [_(refusal.message)]
    return render_template("people/invite.html", form=form), 422


@blueprint.get(ONE)
@allow(*ROLES)
def show_one_staff(public_id: str) -> ResponseReturnValue:
    """One member of staff."""
    return _one_page(public_id, None, 200)


@blueprint.post(f"{ONE}/role")
@allow(*ROLES, proved_lately=True)
def do_role(public_id: str) -> ResponseReturnValue:
    """Give another role."""
    form = RoleForm()
    if not form.validate():
        return _one_page(public_id, form, 422)
    try:
        change_role(
            public_id=public_id, role=Role(form.role.data), actor=current_actor(), now=now()
        )
    except LastManager as refusal:
        form.role.errors = [_(refusal.message)]
        return _one_page(public_id, form, refusal.status)
    return _done(public_id, "role")


@blueprint.post(f"{ONE}/link")
@allow(*ROLES, proved_lately=True)
def do_link(public_id: str) -> ResponseReturnValue:
    """Send a new link for choosing a password, and show it this once."""
    token = send_setup_link(public_id=public_id, actor=current_actor(), now=now())
    return _link_page(public_id, token)


@blueprint.post(f"{ONE}/sign-out")
@allow(*ROLES, proved_lately=True)
def do_sign_out_staff(public_id: str) -> ResponseReturnValue:
    """Sign somebody out everywhere."""
    end_sessions_of(public_id=public_id, actor=current_actor(), now=now())
    return _done(public_id, "signed-out")


@blueprint.post(f"{ONE}/reset-second-factor")
@allow(*ROLES, proved_lately=True)
def do_reset_second_factor(public_id: str) -> ResponseReturnValue:
    """Take a lost app out of use."""
    reset_second_factor(public_id=public_id, actor=current_actor(), now=now())
    return _done(public_id, "factor-reset")


@blueprint.post(f"{ONE}/disable")
@allow(*ROLES, proved_lately=True)
def do_disable(public_id: str) -> ResponseReturnValue:
    """Close an account."""
    try:
        disable_staff(public_id=public_id, actor=current_actor(), now=now())
    except LastManager as refusal:
        form = RoleForm(formdata=None)
        form.form_errors.append(_(refusal.message))
        return _one_page(public_id, form, refusal.status)
    return _done(public_id, "disabled")


@blueprint.post(f"{ONE}/enable")
@allow(*ROLES, proved_lately=True)
def do_enable(public_id: str) -> ResponseReturnValue:
    """Open a closed account again."""
    enable_staff(public_id=public_id, actor=current_actor(), now=now())
    return _done(public_id, "enabled")


def _done(public_id: str, what: str) -> ResponseReturnValue:
    return redirect(f"{STAFF}/{public_id}?done={what}", 303)


def _one_page(public_id: str, form: RoleForm | None, status: int) -> ResponseReturnValue:
    at = now()
    member = queries.get_staff(public_id=public_id, now=at)
    if form is None or form.role.data is None:
        given = form
        form = RoleForm(formdata=None, role=member.role.value)
        form.form_errors = given.form_errors if given else []
    page = present_staff(member=member, done=request.args.get("done", ""), now=at)
    return render_template("people/one_staff.html", page=page, form=form), status


def _link_page(public_id: str, token: str) -> ResponseReturnValue:
    member = queries.get_staff(public_id=public_id, now=now())
    config: Config = current_app.config["CLINIC"]
    return render_template(
        "people/link_made.html",
        name=member.name,
        email=member.email,
        link=f"{config.base_url}/set-up/{token}",
        hours=LINK_LASTS.total_seconds() // 3600,
    )
