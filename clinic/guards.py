"""Who comes in through the doors: forms that are proved ours, people and programs, what is refused.

Only what serves carries it: the worker answers nobody, and the library of forms is large.
"""

from datetime import datetime

from flask import Flask, current_app

from clinic.core.values import Actor
from clinic.people import operations as people_operations
from clinic.people import queries as people_queries
from clinic.portal.operations import sign_in as portal_sign_in
from clinic.web.access import Doorkeeper, SignedIn, init_access
from clinic.web.errors import init_errors
from clinic.web.fields import init_fields
from clinic.web.households import Household
from clinic.web.navigation import init_navigation
from clinic.web.proof import init_proof
from clinic.web.uploads import init_uploads
from config import Config


def init_guards(app: Flask, config: Config) -> None:
    """Let the application read forms, know its callers and say what it refuses."""
    init_errors(app)
    init_uploads(app)
    init_fields(app)
    doorkeeper = Doorkeeper(
        staff_of_cookie=_staff_of_cookie,
        household_of_cookie=_household_of_cookie,
        actor_of_token=_actor_of_token,
    )
    init_proof(app)
    init_access(app, doorkeeper=doorkeeper, trusted_proxies=config.trusted_proxies)
    init_navigation(app)


def _staff_of_cookie(token: str, now: datetime) -> SignedIn | None:
    config: Config = current_app.config["CLINIC"]
    session = people_operations.recognise(
        token=token, now=now, second_factor_demanded=config.second_factor_demanded
    )
    return SignedIn(session.actor, session.proved_at) if session else None


def _household_of_cookie(token: str, now: datetime) -> Household | None:
    return portal_sign_in.recognise(token=token, now=now)


def _actor_of_token(token: str) -> Actor | None:
    return people_queries.find_actor_of_token(token=token)
