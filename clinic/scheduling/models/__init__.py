"""The tables of scheduling."""

from clinic.scheduling.models.blocks import Block
from clinic.scheduling.models.charges import VisitCharge
from clinic.scheduling.models.claims import Claim
from clinic.scheduling.models.clinic import (
    Clinic,
    Closure,
    Location,
    MessagePolicy,
    TelehealthPolicy,
)
from clinic.scheduling.models.feeds import CalendarFeed
from clinic.scheduling.models.practitioners import HourException, Hours, Licence, Practitioner
from clinic.scheduling.models.referrals import Referral
from clinic.scheduling.models.requests import (
    VisitRequest,
    VisitRequestChange,
    VisitRequestOffer,
    VisitRequestOpinion,
    VisitRequestTime,
)
from clinic.scheduling.models.resources import Resource
from clinic.scheduling.models.services import Service, ServiceNeed, ServicePractitioner
from clinic.scheduling.models.visits import (
    Appointment,
    AppointmentChange,
    Hold,
    Occurrence,
    OccurrenceResource,
    Seat,
    Series,
    VisitFollowing,
)
from clinic.scheduling.models.waitlist import (
    WaitlistChange,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistPolicy,
    WaitlistWindow,
)

__all__ = [
    "Appointment",
    "AppointmentChange",
    "Block",
    "CalendarFeed",
    "Claim",
    "Clinic",
    "Closure",
    "Hold",
    "HourException",
    "Hours",
    "Licence",
    "Location",
    "MessagePolicy",
    "Occurrence",
    "OccurrenceResource",
    "Practitioner",
    "Referral",
    "Resource",
    "Seat",
    "Series",
    "Service",
    "ServiceNeed",
    "ServicePractitioner",
    "TelehealthPolicy",
    "VisitCharge",
    "VisitFollowing",
    "VisitRequest",
    "VisitRequestChange",
    "VisitRequestOffer",
    "VisitRequestOpinion",
    "VisitRequestTime",
    "WaitlistChange",
    "WaitlistEntry",
    "WaitlistOffer",
    "WaitlistPolicy",
    "WaitlistWindow",
]
