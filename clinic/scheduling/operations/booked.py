"""The visit that was just booked, told from what is at hand instead of being read back."""

from datetime import timedelta

from clinic.core.db import insert_now
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.asking import Candidate, Query


def just_booked(
    *, query: Query, candidate: Candidate, appointment: Appointment, patient: Patient
) -> Visit:
    """What ``get_visit`` would say of an appointment that this transaction wrote.

    A class may have been joined, whose rooms the candidate does not know: that one is read.
    """
    service, setting = query.wanted, query.setting
    if service.capacity > 1:
        insert_now()
        return get_visit(appointment.public_id)
    location = setting.locations[candidate.location]
    starts_at = instant(candidate.start)
    return Visit(
        public_id=appointment.public_id,
        status=appointment.status,
        is_confirmed=appointment.confirmed,
        review=appointment.review,
        version=appointment.version,
        service=service.slug,
        service_name=service.name,
        minutes=service.minutes,
        modality=service.modality,
        price_cents=service.price_cents,
        agreed_cents=appointment.price_cents,
        capacity=service.capacity,
        practitioner=candidate.practitioner,
        practitioner_name=setting.practitioners[candidate.practitioner].name,
        location=location.slug,
        location_name=location.name,
        address=location.address,
        zone=location.zone,
        resources=candidate.resources,
        resource_names=tuple(setting.rooms[slug].name for slug in candidate.resources),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=service.minutes),
        series=None,
        series_number=None,
        override_by=appointment.override_by,
        override_reason=appointment.override_reason if appointment.override_by else None,
        patient=patient.public_id,
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
        link_version=appointment.link_version,
        patient_state=appointment.patient_state,
        patient_zone=appointment.patient_zone,
        is_late_cancelled=appointment.late_cancelled,
        is_sold=appointment.is_sold,
        occurrence_id=appointment.occurrence_id,
        appointment_id=appointment.id,
    )
