"""Who stands before a form: a browser that a link or a code opened, or a signed-in family."""

import contextlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import g, session

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound, Unavailable
from clinic.core.values import Actor
from clinic.intake.operations.links import see_session
from clinic.intake.operations.refusals import ChangedElsewhere
from clinic.intake.queries.links import FormVisitor, find_form_visitor
from clinic.intake.queries.questionnaires import find_given_version
from clinic.intake.queries.responses import (
    AssignedForm,
    assignment_of,
    find_visited,
    get_assigned,
)
from clinic.intake.rules.parties import Author, Source
from clinic.messaging.delivery import date_at_clinic
from clinic.people.rules.ages import is_minor
from clinic.web.access import signed_in_household
from clinic.web.households import Household, Kin

TOKEN = "forms"  # noqa: S105 - the name of a value, not a value
LANGUAGE = "forms-language"


class NobodyHere(Exception):
    """No proof came with this browser; the page that asks for one comes first."""


class GuardianUnnamed(Exception):
    """A child's forms are filled in by somebody else, who has not said who they are."""


@dataclass(frozen=True, slots=True)
class Opener:
    """Who acts: ``author`` goes on record with every answer."""

    author: Author
    patient: str
    name: str
    is_kiosk: bool = False
    is_family: bool = False


def visitor() -> FormVisitor | None:
    """The live session that a link or a code opened in this browser."""
    if "form_visitor" not in g:
        token = session.get(TOKEN)
        _let_in(find_form_visitor(token=token, now=now()) if isinstance(token, str) else None)
    shown: FormVisitor | None = g.form_visitor
    return shown


def _let_in(found: FormVisitor | None) -> None:
    at, token = now(), session.get(TOKEN)
    if found is not None and isinstance(token, str) and found.is_to_be_seen(at):
        with contextlib.suppress(Unavailable):
            see_session(token=token, now=at)
    g.form_visitor = found


def open_form(public_id: str) -> tuple[AssignedForm, Opener]:
    """The assigned form and who may fill it in.

    Raises NobodyHere, GuardianUnnamed, and NotFound for somebody else's form as for none.
    """
    assigned = _visited(public_id)
    guest, family = visitor(), _family()
    if guest is None and family is None:
        raise NobodyHere
    assigned = assigned or get_assigned(public_id=public_id)
    if assigned.response is None:
        assigned = assigned.spoken(str(session.get(LANGUAGE, "")))
    opener = _guest(guest, assigned) or _kin(family, assigned)
    if opener is None:
        subject = f"patient:{assigned.patient.public_id}"
        record_look(action="form.refused", actor=g.actor, now=now(), subject=subject)
        raise NotFound
    g.actor = opener.author.actor
    return assigned, opener


def _visited(public_id: str) -> AssignedForm | None:
    """The form and, on the way, the visitor: the usual case, asked for in one question."""
    token = session.get(TOKEN)
    if "form_visitor" in g or not isinstance(token, str):
        return None
    found = find_visited(token=token, public_id=public_id, now=now())
    if found is None:
        return None
    _let_in(found[0])
    return found[1]


def greet(visitor: FormVisitor, assigned: AssignedForm) -> Opener | None:
    """Who acts where a link's session saves a page of its own patient; None for somebody who has
    still to say who they are."""
    try:
        opener = _guest(visitor, assigned)
    except GuardianUnnamed:
        return None
    g.actor = opener.author.actor if opener is not None else g.actor
    return opener


def open_response(public_id: str) -> tuple[AssignedForm, Opener]:
    """The same by the public id of the response; raises the same."""
    return open_form(assignment_of(response=public_id))


def as_drawn(assigned: AssignedForm, version: str) -> AssignedForm:
    """The form by the version (public id) that a page was drawn of: its controls are named by the
    version, and another one may have been made active since, or this one retired.

    Raises NotFound for no version of this form, and ChangedElsewhere where another device began the
    answers on another version meanwhile.
    """
    if not version or (assigned.version is not None and assigned.version.public_id == version):
        return assigned
    if assigned.response is not None:
        raise ChangedElsewhere
    questionnaire = assigned.questionnaire.id
    found = find_given_version(questionnaire_id=questionnaire, public_id=version)
    if found is None:
        raise NotFound
    return assigned.on_version(found)


def patients_here() -> list[str]:
    """The public ids of the patients whose forms this browser may see; empty for nobody."""
    guest, family = visitor(), _family()
    if guest is not None:
        return [guest.patient]
    return [kin.patient for kin in family.kin] if family is not None else []


def _family() -> Household | None:
    """The signed-in family; on the clinic's tablet nobody but the patient it was handed to."""
    guest = visitor()
    return None if guest is not None and guest.is_kiosk else signed_in_household()


def _guest(guest: FormVisitor | None, assigned: AssignedForm) -> Opener | None:
    if guest is None or guest.patient != assigned.patient.public_id:
        return None
    source, name = Source.PATIENT, guest.name
    if guest.helper is not None:
        source, name = Source.STAFF, guest.helper
    elif guest.author is not None:
        source, name = Source.GUARDIAN, guest.author
    elif _is_minor(guest.birth_date, now()):
        raise GuardianUnnamed
    actor = Actor(kind="patient", id=guest.patient, name=name[:200], session=guest.session)
    return Opener(Author(source, name, actor), guest.patient, guest.name, guest.is_kiosk)


def _kin(family: Household | None, assigned: AssignedForm) -> Opener | None:
    kin: Kin | None = family.find(assigned.patient.public_id) if family is not None else None
    if family is None or kin is None:
        return None
    source = Source.PATIENT if kin.is_self else Source.GUARDIAN
    name = kin.name if kin.is_self else kin.guardian_name or family.name
    author = Author(source, name, family.actor(kin))
    return Opener(author, kin.patient, kin.name, is_family=True)


def _is_minor(born: date, at: datetime) -> bool:
    """By the clinic's date, which is only asked for about the eighteenth birthday."""
    if not is_minor(birth_date=born, today=at.date() - timedelta(days=1)):
        return False
    return is_minor(birth_date=born, today=date_at_clinic(at))
