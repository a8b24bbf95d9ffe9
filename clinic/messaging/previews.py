"""How a message reads, for staff: in the words as they would be now, its secrets covered.

What was sent or dropped has forgotten its context; a message about one visit is written anew from
that visit. Codes and links that open something are never shown.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from flask import Flask, current_app

from clinic.messaging.delivery import base_url, clinic_head
from clinic.messaging.letters import (
    Texts,
    catalogues,
    in_our_tongue,
    own_words,
    render_sms,
    render_texts,
    speaking,
)
from clinic.messaging.queries import Parcel, list_words
from clinic.messaging.rules import KINDS, SMS_KINDS, Channel, Letter
from clinic.messaging.samples import blank_values, sample_values
from clinic.messaging.wording import SHIPPED, OwnWords, tidied

COVER = "••••••"
SECRET = re.compile(r"(/(?:visits|requests|gait/orders|intake|set-up|waitlist)/)[\w-]{16,}")
_VISITS = re.compile(
    r"\{day\}, \{time\}\n.*?\{place\}(?:\n[^\n]+:\n\{site\}/\{visit\})?", re.DOTALL
)
_EXTENSION = "clinic.messaging.previews"

Show = Callable[[Parcel], Letter | None]
"""What a kind's templates need, whether or not it is still news; None where that is not known."""


def show_with(app: Flask, show: Show, *, kinds: tuple[str, ...]) -> None:
    """Let ``show`` be asked for the words of these kinds."""
    app.extensions.setdefault(_EXTENSION, {}).update(dict.fromkeys(kinds, show))


def preview(*, parcel: Parcel) -> Texts | None:
    """The texts as they would be now; None where what they tell of was forgotten."""
    context, words = _covered(parcel), list_words()
    if context is None:
        return None
    parcel = in_our_tongue(parcel, words)
    shows: Mapping[str, Show] = current_app.extensions.get(_EXTENSION, {})
    show = shows.get(parcel.kind)
    with speaking(parcel.recipient.language):
        letter = show(replace(parcel, context=context)) if show else Letter()
    if letter is None:
        return None
    values = {
        **context,
        **letter.words,
        "clinic": clinic_head(),
        "site": base_url(),
        "name": parcel.recipient.name,
    }
    if "link" in values:
        values["link"] = f"{base_url()}/{COVER}"
    language = parcel.recipient.language
    return _texts(parcel, values, own_words(words, kind=parcel.kind, language=language))


def _texts(parcel: Parcel, values: Mapping[str, object], own: OwnWords | None) -> Texts:
    language = parcel.recipient.language
    if parcel.channel is Channel.SMS:
        text = render_sms(kind=parcel.kind, values=values, language=language, own=own)
        return Texts(subject="", text=SECRET.sub(rf"\1{COVER}", text), html="")
    found = render_texts(kind=parcel.kind, values=values, language=language, own=own)
    return replace(found, text=SECRET.sub(rf"\1{COVER}", found.text))


def _covered(parcel: Parcel) -> Mapping[str, str] | None:
    """The context with its secrets covered; None where it was forgotten and cannot be guessed."""
    context = dict(parcel.context)
    about, _, public_id = parcel.about.partition(":")
    if "visits" not in context and about == "appointment":
        context["visits"] = public_id
    context.setdefault("starts_at", "")
    context |= dict.fromkeys({"code", "link"} & KINDS[parcel.kind], COVER)
    if "minutes" in KINDS[parcel.kind]:
        context.setdefault("minutes", COVER)
    return None if KINDS[parcel.kind] - context.keys() else context


def sample(*, kind: str, own: OwnWords, language: str = SHIPPED) -> Texts:
    """How a kind reads with made-up data and these words of our own, in a language."""
    tongue = _tongue(language, own)
    with speaking(tongue):
        values = _sample_values(kind)
    return render_texts(kind=kind, values=values, language=tongue, own=own)


def sample_sms(*, kind: str, own: OwnWords, language: str = SHIPPED) -> str:
    """The same for its text message; "" where it has none."""
    if kind not in SMS_KINDS:
        return ""
    tongue = _tongue(language, own)
    with speaking(tongue):
        values = _sample_values(kind)
    return render_sms(kind=kind, values=values, language=tongue, own=own)


def _tongue(language: str, own: OwnWords) -> str:
    """What is written in no words of that language is written in English."""
    return language if own != OwnWords() or language in catalogues() else SHIPPED


def _sample_values(kind: str) -> dict[str, object]:
    values = {**sample_values(site=base_url()), "clinic": clinic_head(), "site": base_url()}
    if "visits" in KINDS[kind]:  # its link is the visit's own
        del values["link"]
    return values


def shipped(*, kind: str, language: str = SHIPPED) -> OwnWords:
    """The words that ship, with placeholders where a message has values of its own."""
    named = dict.fromkeys(("code", "minutes", "link", "name", "paid", "refunded", "total"))
    values = {name: f"{{{name}}}" for name in named} | blank_values()
    tongue = _tongue(language, OwnWords())
    texts = render_texts(kind=kind, values=values, language=tongue)
    sms = render_sms(kind=kind, values=values, language=tongue) if kind in SMS_KINDS else ""
    body = "\n".join(line.strip() for line in texts.text.rpartition("\n-- \n")[0].splitlines())
    body = _VISITS.sub("{visits}", body).replace("- {change}", "{changes}")
    body, sms = (
        one.replace("{site}/{visit}", "{link}").replace("{site}/book", "{booking}")
        for one in (body, sms)
    )
    return tidied(subject=texts.subject, words="", body=body, sms=sms)
