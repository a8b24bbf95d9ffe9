"""What scheduling declines, in the contract's codes, each with a sentence a patient can read."""

from datetime import datetime

from clinic.core.errors import Refusal
from clinic.scheduling.rules.asking import RefusalCode, Slot


class TooSoon(Refusal):
    """The start is past, or nearer than the service's notice."""

    code = "too-soon"
    status = 422
    message = "This time is too soon to book. Please choose a later one, or call us."


class TooFar(Refusal):
    """The start lies beyond the service's horizon."""

    code = "too-far"
    status = 422
    message = "This time is further ahead than we book. Please choose an earlier one."


class NotLicensed(Refusal):
    """Nobody asked for may treat a patient in that state by video."""

    code = "not-licensed"
    status = 422
    message = "We may not treat patients in that state by video."


class NotOffered(Refusal):
    """Outside hours, closed, off the grid, not done by that practitioner, or not online."""

    code = "not-offered"
    status = 422
    message = "This time is not offered. Please choose one from the list."


class ScreeningNeeded(Refusal):
    """The service asks some safety questions before it shows times."""

    code = "needs-screening"
    status = 422
    message = "Please answer a few safety questions first."


class CallClinic(Refusal):
    """Somebody of the clinic must speak with the patient first. It says no more than that."""

    code = "call-clinic"
    status = 409
    message = "Please call us to book. We would like to speak with you first."


class LimitReached(Refusal):
    """The patient has as many visits of this service that day as may be booked online."""

    code = "limit-reached"
    status = 409
    message = "There is already a visit of this kind on that day. Please call us to add another."


class PatientBusy(Refusal):
    """The patient has another visit at that time."""

    code = "patient-busy"
    status = 409
    message = "There is already another visit at that time."


class SlotTaken(Refusal):
    """Somebody was faster; ``alternatives`` are free slots, ``starts_at`` is the time that went
    where several were asked for."""

    code = "slot-taken"
    status = 409
    message = "This time has just been taken. Please choose another one."

    def __init__(
        self, alternatives: tuple[Slot, ...] = (), *, starts_at: datetime | None = None
    ) -> None:
        super().__init__()
        self.alternatives = alternatives
        self.starts_at = starts_at


class WrongState(Refusal):
    """The visit stands where this step does not lead on."""

    code = "wrong-state"
    status = 409
    message = "The visit is not in a state that allows this."


class ReviewNeeded(WrongState):
    """A clinician has yet to read what the patient answered; the time stays theirs."""

    message = "A clinician reads your answers first. Your time stays booked meanwhile."


class VersionMismatch(Refusal):
    """Somebody changed the visit meanwhile."""

    code = "version-mismatch"
    status = 412
    message = "Somebody changed this visit meanwhile. Look at it again, then repeat your change."


class WrongRequestState(Refusal):
    """The visit request stands where this step does not lead on."""

    code = "wrong-state"
    status = 409
    message = "This request is closed, so this can no longer be done."


class RequestChanged(Refusal):
    """Somebody changed the visit request meanwhile."""

    code = "version-mismatch"
    status = 412
    message = "Somebody changed this request meanwhile. Look at it again, then repeat your change."


class WrongEntryState(Refusal):
    """The waitlist entry stands where this step does not lead on."""

    code = "wrong-state"
    status = 409
    message = "You are no longer on this waitlist, so this can no longer be done."


class AlreadyWaiting(Refusal):
    """The patient has an open waitlist entry for this service."""

    code = "limit-reached"
    status = 409
    title = "Already on the waitlist"
    message = (
        "There is already an entry on the waitlist for this kind of visit. Use the link in our "
        "message to change it, or call us."
    )


class OfferOver(Refusal):
    """The offered time is no longer kept."""

    code = "offer-over"
    status = 409
    message = "We no longer hold this time. Choose another one, or ask us for new ones."


class OtherPatient(Refusal):
    """Two requests of different people are not one."""

    code = "other-patient"
    status = 409
    message = "These requests are of different people, so they stay apart."


class VisitsInTheWay(Refusal):
    """Time was to be kept free in which something stands."""

    code = "visits-in-the-way"
    status = 409
    message = "Something stands in that time. Move it first, or choose another time."


class HoldLapsed(Refusal):
    """The time was no longer held, and meanwhile it is gone."""

    code = "hold-lapsed"
    status = 409
    message = (
        "We could no longer hold this time. What you typed is kept; please choose a time again."
    )


class SeriesConflict(Refusal):
    """Some visits of a series cannot be booked, and it was to be all or nothing."""

    code = "series-conflict"
    status = 409
    message = "Some of these visits cannot be booked. Nothing was booked."


EARLY: dict[RefusalCode, type[Refusal]] = {
    RefusalCode.TOO_SOON: TooSoon,
    RefusalCode.TOO_FAR: TooFar,
    RefusalCode.NOT_LICENSED: NotLicensed,
    RefusalCode.NOT_OFFERED: NotOffered,
}
"""The refusals that come before those about the patient, in the contract's order."""
