"""Papers of a patient, ready to print."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.documents.queries import StoredDocument
from clinic.documents.rules import Kind
from clinic.web.filters import local_date


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper: what it is, when it came and from whom."""

    public_id: str
    kind: str
    name: str
    when: str
    size: str
    href: str


def kind_words() -> dict[Kind, str]:
    """What the kinds are called."""
    return {
        Kind.CARD_FRONT: str(_("Insurance card, front")),
        Kind.CARD_BACK: str(_("Insurance card, back")),
        Kind.REFERRAL: str(_("Referral or prescription")),
        Kind.IMAGING_REPORT: str(_("Report of a scan or test")),
        Kind.EXAM_REPORT: str(_("Report of an exam")),
        Kind.ULTRASOUND_REPORT: str(_("Report of an ultrasound")),
        Kind.GAIT_REPORT: str(_("Report of a gait analysis")),
        Kind.GAIT_DATA: str(_("File of the gait lab")),
        Kind.OTHER: str(_("Something else")),
    }


def present_papers(
    *, papers: Iterable[StoredDocument], zone: str, folder: str = "/desk/documents"
) -> tuple[PaperLine, ...]:
    """The papers, the newest first; ``folder`` is where they are opened, "" for nowhere."""
    words = kind_words()
    return tuple(
        PaperLine(
            public_id=one.public_id,
            kind=words[one.kind],
            name=one.name,
            when=_when(one, zone),
            size=str(_("%(number)d KB", number=max(1, one.size // 1024))),
            href=f"{folder}/{one.public_id}" if folder else "",
        )
        for one in reversed(list(papers))
    )


def _when(one: StoredDocument, zone: str) -> str:
    who = _("the patient") if one.by_patient else one.added_by
    return str(_("%(day)s, by %(name)s", day=local_date(one.added_at, zone=zone), name=who))
