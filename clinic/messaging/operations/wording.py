"""The manager's own words in messages. Each change adds a version; none is ever lost."""

from datetime import datetime

from sqlalchemy import func, select

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound, Refusal
from clinic.core.values import Actor
from clinic.messaging.models import MessageText
from clinic.messaging.rules import KINDS
from clinic.messaging.wording import LANGUAGES, SHIPPED, OwnWords, faults_in


class WordsChanged(Refusal):
    """Somebody else saved the words after they were opened here."""

    code = "words-changed"
    message = "Somebody changed these words after you opened them. Nothing of yours was saved."


@transaction
def save_words(
    *,
    kind: str,
    own: OwnWords,
    looked_at: int,
    actor: Actor,
    now: datetime,
    language: str = SHIPPED,
) -> int:
    """Keep tidied words as the next version of a kind in a language and answer its number.

    Empty words are what ships. Raises NotFound for a kind or a language that there is not, Invalid
    by field, and WordsChanged when version ``looked_at`` is not the last.
    """
    if kind not in KINDS or language not in LANGUAGES:
        raise NotFound
    faults = faults_in(kind=kind, own=own)
    if faults:
        raise Invalid({name: [one.sentence for one in found] for name, found in faults.items()})
    same = MessageText.kind == kind, MessageText.language == language
    last = db.session.scalar(select(func.max(MessageText.number)).where(*same))
    if (last or 0) != looked_at:
        raise WordsChanged
    row = MessageText(
        kind=kind,
        language=language,
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
        details={"version": row.number, "language": language},
    )
    return row.number
