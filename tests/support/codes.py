"""The codes that patients are sent, as their mailboxes would show them."""

import json
from datetime import datetime

from flask import Flask
from sqlalchemy import select

from clinic.core.db import db
from clinic.messaging.models import Message
from clinic.portal.operations.codes import issue_codes


def sent_codes(app: Flask, *, at: datetime) -> list[str]:
    """The codes in all mails, the newest last; what was asked for is made first, as of ``at``."""
    with app.app_context():
        issue_codes(now=at)
        wanted = select(Message).where(Message.kind == "sign-in-code").order_by(Message.id)
        contexts = [json.loads(message.context or "{}") for message in db.session.scalars(wanted)]
        return [str(context["code"]) for context in contexts]
