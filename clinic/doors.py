"""Every way in: the blueprints of all slices, and who finds which page at the desk."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from clinic.desk import views as desk_views
from clinic.desk.queries.queues import count_queues
from clinic.documents import views as documents_views
from clinic.gait import views as gait_views
from clinic.guards import init_guards
from clinic.intake import views as intake_views
from clinic.intake.views.asking import init_askers
from clinic.interop import views as interop_views
from clinic.messaging import views as messaging_views
from clinic.payments import views as payments_views
from clinic.people import views as people_views
from clinic.people.views.staff import ROLES as STAFF_ROLES
from clinic.people.views.staff import STAFF
from clinic.portal import views as portal_views
from clinic.scheduling import views as scheduling_views
from clinic.scheduling.operations.requests.wishes import REQUEST_ROLES
from clinic.scheduling.operations.waitlist import WAITLIST_ROLES
from clinic.scheduling.queries.asked_forms import services_by_form
from clinic.site import views as site_views
from clinic.site.views import site_facts
from clinic.telehealth import views as telehealth_views
from clinic.trail import views as trail_views
from clinic.web import health, sheet
from clinic.web.navigation import add_desk_link
from clinic.web.pages import init_pages
from clinic.web.warming import warm_up
from config import Config

PAGES = ("/", "/book", "/book/evaluation", "/sign-in", "/api/v1/services")
"""What most visitors ask for first; a page that is not there does no harm."""


def warm_up_doors(app: Flask) -> None:
    """Build what the first requests would, before a server's processes part."""
    warm_up(app, pages=PAGES, rehearsals={"/desk": desk_views.today.rehearse_today})


def init_doors(app: Flask, config: Config) -> None:
    """Let the application answer: every slice's pages and calls, and the links of the desk."""
    init_guards(app, config)
    init_pages(app, site_facts=site_facts)
    init_askers(app, list_askers=services_by_form)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(site_views.blueprint)
    app.register_blueprint(people_views.blueprint)
    app.register_blueprint(messaging_views.blueprint)
    app.register_blueprint(documents_views.blueprint)
    app.register_blueprint(interop_views.blueprint)
    app.register_blueprint(intake_views.blueprint)
    app.register_blueprint(payments_views.blueprint)
    app.register_blueprint(scheduling_views.blueprint)
    app.register_blueprint(telehealth_views.blueprint)
    app.register_blueprint(gait_views.blueprint)
    app.register_blueprint(desk_views.blueprint)
    app.register_blueprint(portal_views.blueprint)
    app.register_blueprint(trail_views.blueprint)
    if config.env != "production":
        app.register_blueprint(sheet.blueprint)
    _desk_links(app)


def _desk_links(app: Flask) -> None:
    """Who finds which page at the desk; the views' own rules say who may open it."""
    intake_views.desk_links.add_links(app, count=lambda: count_queues().safety)
    gait_views.add_links(app, count=lambda: count_queues().tasks)
    add_desk_link(
        app,
        path="/desk/requests",
        icon="form",
        words=_l("Requests"),
        roles=REQUEST_ROLES,
        order=40,
        count=lambda: count_queues().requests,
    )
    for path, icon, words, roles, order in (
        ("/desk", "list", _l("Today"), desk_views.DESK, 10),
        ("/desk/calendar", "calendar", _l("Calendar"), desk_views.DESK, 20),
        ("/desk/book", "phone", _l("Book by phone"), desk_views.DESK, 30),
        ("/desk/waitlist", "hourglass", _l("Waitlist"), WAITLIST_ROLES, 60),
        ("/desk/till", "card", _l("Till"), desk_views.CASHIERS, 82),
        (portal_views.GUARDIANS, "person", _l("Guardians"), portal_views.GUARDIAN_DESK, 95),
        (desk_views.licences.PATH, "page", _l("Licences"), desk_views.licences.READERS, 98),
        ("/desk/numbers", "numbers", _l("Numbers"), desk_views.numbers.MANAGERS, 100),
        ("/desk/messages", "mail", _l("Messages"), messaging_views.ROLES, 110),
        (STAFF, "person", _l("Staff"), STAFF_ROLES, 120),
        ("/desk/calendars", "calendar", _l("Calendars"), scheduling_views.feeds.MANAGERS, 122),
        ("/desk/site", "page", _l("Website"), site_views.desk.MANAGERS, 125),
        ("/desk/audit", "eye", _l("Audit trail"), trail_views.READERS, 140),
    ):
        add_desk_link(app, path=path, icon=icon, words=words, roles=roles, order=order)
