"""The manager's own words in messages. Each change adds a version; none is ever lost."""

from datetime import datetime

from sqlalchemy import func, select

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound, Refusal
from clinic.core.values import Actor
from clinic.messaging.models import MessageText
from clinic.messaging.rules import KINDS
from clinic.messaging.wording import OwnWords, faults_in

LANGUAGE = "en"


class WordsChanged(Refusal):
    """Somebody else saved the words after they were opened here."""

    code = "words-changed"
    message = "Somebody changed these words after you opened them. Nothing of yours was saved."


@transaction
def save_words(*, kind: str, own: OwnWords, looked_at: int, actor: Actor, now: datetime) -> int:
    """Keep tidied words as the next version of a kind and answer its number.

    Empty words are what ships. Raises NotFound for a kind that there is not, Invalid by field, and
    WordsChanged when version ``looked_at`` is not the last.
    """
    if kind not in KINDS:
        raise NotFound
    faults = faults_in(kind=kind, own=own)
    if faults:
        raise Invalid({name: [one.sentence for one in found] for name, found in faults.items()})
    last = db.session.scalar(select(func.max(MessageText.number)).where(MessageText.kind == kind))
    if (last or 0) != looked_at:
        raise WordsChanged
    row = MessageText(
        kind=kind,
        language=LANGUAGE,
        number=looked_at + 1,
        subject=own.subject,
        words=own.words,
        body=own.body,
        sms=own.sms,
        saved_at=now,
        saved_by=actor.name[:200],
    )
    db.session.add(row)
    db.session.flush()
    is_reset = own == OwnWords()
    audit.record(
        action="message-text.reset" if is_reset else "message-text.saved",
        actor=actor,
        now=now,
        subject=f"message-text:{kind}",
        details={"version": row.number},
    )
    return row.number
