"""One's own data: to read and print, and as a file."""

from flask import jsonify, render_template
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.portal.presenters.own_data import own_data_document, present_own_data
from clinic.portal.presenters.person import PEOPLE, person_path
from clinic.portal.queries.own_data import get_own_data
from clinic.portal.views.blueprint import blueprint
from clinic.portal.views.pages import kin_of
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.web.access import current_actor, household, patients_only


@blueprint.get(f"{PEOPLE}/<person>/data")
@patients_only
def own_data(person: str) -> ResponseReturnValue:
    """Everything the clinic keeps of this person, to read and to print."""
    kin, at = kin_of(person), now()
    subject = f"patient:{kin.patient}"
    record_look(action="portal.data-read", actor=current_actor(), now=at, subject=subject)
    data, zone = get_own_data(patient=kin.patient, now=at), get_setting().zone
    view = present_own_data(kin=kin, data=data, today=clinic_date(at), zone=zone)
    path = person_path(kin)
    return render_template("portal/own_data.html", page=view, path=path, who=household().name)


@blueprint.get(f"{PEOPLE}/<person>/data.json")
@patients_only
def own_data_file(person: str) -> ResponseReturnValue:
    """The same as a file for another program."""
    kin, at = kin_of(person), now()
    subject = f"patient:{kin.patient}"
    record_look(action="portal.data-downloaded", actor=current_actor(), now=at, subject=subject)
    data = get_own_data(patient=kin.patient, now=at)
    answer = jsonify(own_data_document(data=data, clinic=get_setting().name, now=at))
    answer.headers["Content-Disposition"] = 'attachment; filename="my-record.json"'
    return answer
