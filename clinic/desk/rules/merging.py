"""What becomes of each column that names a patient when two records are merged. Pure.

A convention test holds the list against the tables: a new one cannot be forgotten.
"""

from enum import Enum

FIELDS = ("given_name", "family_name", "birth_date", "email", "phone")
"""What the receptionist chooses for the record that is kept."""


class Fate(Enum):
    """``moved`` rows become the kept record's and go back with an undo; ``stays`` are rows that may
    never change: they are read through the merge; ``own`` are handled by a rule of their own."""

    MOVED = "moved"
    STAYS = "stays"
    OWN = "own"


FATES = {
    "appointments.patient_id": Fate.MOVED,
    "calendar_feeds.patient_id": Fate.MOVED,
    "contact_choices.patient_id": Fate.OWN,
    "documents.patient_id": Fate.MOVED,
    "form_assignments.patient_id": Fate.MOVED,
    "form_links.patient_id": Fate.MOVED,
    "form_sessions.patient_id": Fate.MOVED,
    "guardians.patient_id": Fate.MOVED,
    "open_safety_events.patient_id": Fate.MOVED,
    "orders.patient_id": Fate.MOVED,
    "own_consents.patient_id": Fate.MOVED,
    "patient_merges.gone_id": Fate.STAYS,
    "patient_merges.kept_id": Fate.STAYS,
    "patient_merges.leads_to_id": Fate.MOVED,
    "patient_notes.patient_id": Fate.MOVED,
    "patient_search_keys.patient_id": Fate.OWN,
    "patient_suggestions.other_id": Fate.OWN,
    "patient_suggestions.patient_id": Fate.OWN,
    "referrals.patient_id": Fate.MOVED,
    "resources.patient_id": Fate.OWN,
    "responses.patient_id": Fate.MOVED,
    "safety_events.patient_id": Fate.STAYS,
    "screened_patients.patient_id": Fate.STAYS,
    "signatures.patient_id": Fate.STAYS,
    "visit_requests.patient_id": Fate.MOVED,
    "waitlist_entries.patient_id": Fate.MOVED,
}
"""Every foreign key to a patient."""

NAMED = {
    "audit_entries.subject": Fate.STAYS,
    "audit_sights.subject": Fate.STAYS,
    "documents.about": Fate.OWN,
    "messages.about": Fate.OWN,
    "messages.patient": Fate.OWN,
}
"""Every text that holds a patient's public id."""
NAME_OTHER_THINGS = frozenset(
    {
        "form_assignments.about",
        "message_texts.subject",
        "orders.about",
        "patient_notes.about",
        "safety_events.about",
    }
)
"""Texts called alike that name visits and answers, or are a mail's subject."""
