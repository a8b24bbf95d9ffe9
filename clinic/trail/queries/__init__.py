"""Reads of the trail: its pages, what subjects are called, what went through a session."""

from clinic.trail.queries.entries import (
    ChainState,
    EntryPage,
    get_chain_state,
    iterate_entries,
    list_actions,
    list_entries,
)
from clinic.trail.queries.names import (
    Doer,
    PersonFound,
    SubjectName,
    find_names,
    get_patient_name,
    list_doers,
    list_patients_named,
)
from clinic.trail.queries.sessions import SessionFacts, find_session_facts, list_seen_through

__all__ = [
    "ChainState",
    "Doer",
    "EntryPage",
    "PersonFound",
    "SessionFacts",
    "SubjectName",
    "find_names",
    "find_session_facts",
    "get_chain_state",
    "get_patient_name",
    "iterate_entries",
    "list_actions",
    "list_doers",
    "list_entries",
    "list_patients_named",
    "list_seen_through",
]
