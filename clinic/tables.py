"""Every table of the product, imported in one place for migrations and ``create_all``."""

from clinic.core import audit, heartbeat
from clinic.documents import models as documents
from clinic.gait import models as gait
from clinic.intake import models as intake
from clinic.messaging import models as messaging
from clinic.payments import models as payments
from clinic.people import models as people
from clinic.portal import models as portal
from clinic.scheduling import models as scheduling
from clinic.site import models as site
from clinic.telehealth import models as telehealth
from clinic.web import models as web

__all__ = [
    "audit",
    "documents",
    "gait",
    "heartbeat",
    "intake",
    "messaging",
    "payments",
    "people",
    "portal",
    "scheduling",
    "site",
    "telehealth",
    "web",
]
