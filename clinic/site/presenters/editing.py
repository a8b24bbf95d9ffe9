"""What the manager sees of the site's texts: which there are, what was changed, how it looks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.scheduling.rules.setting import Setting
from clinic.site.queries.texts import PastVersion
from clinic.site.rules.markup import Block, read_markup
from clinic.site.rules.texts import FIELDS, Content, Kind, Name, Text
from clinic.web.filters import local_date, local_time

LINES = {
    "lead": 2,
    "description": 2,
    "summary": 2,
    "story": 6,
    "credentials": 4,
    "bio": 8,
    "body": 26,
}


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text in the list: where it is written and read, and whether it was changed."""

    title: str
    href: str
    public: str
    state: str
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class TextGroup:
    """Texts of one kind."""

    heading: str
    rows: tuple[TextRow, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in a text's history; the last one counts."""

    number: int
    deed: str
    when: str
    who: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One field as visitors will see it; `blocks` where it has markup, else `text`."""

    name: str
    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Editing:
    """One text to be written. `lines`: how high a field is, by its name."""

    title: str
    href: str
    public: str
    version: int
    lines: Mapping[str, int]
    versions: tuple[VersionRow, ...]
    can_reset: bool
    can_hide: bool
    is_hidden: bool


def present_groups(*, setting: Setting, texts: Mapping[Name, Text]) -> tuple[TextGroup, ...]:
    """Every text that can be written, by kind; people in the order of the clinic."""
    people = [Name(Kind.PERSON, slug) for slug in setting.practitioners]
    kinds = (
        (Kind.HOME, _("Home page"), _of(texts, Kind.HOME)),
        (Kind.CONDITION, _("Conditions"), _of(texts, Kind.CONDITION)),
        (Kind.PERSON, _("People"), people),
        (Kind.PAGE, _("About the site"), _of(texts, Kind.PAGE)),
    )
    return tuple(
        TextGroup(heading, tuple(_row(setting, name, texts.get(name)) for name in names), kind)
        for kind, heading, names in kinds
    )


def present_editing(
    *, text: Text, setting: Setting, versions: Iterable[PastVersion], ships: bool
) -> Editing:
    """The page on which one text is written. `ships`: the product brings a text of that name."""
    return Editing(
        title=title_of(name=text.name, text=text, setting=setting),
        href=edit_path(text.name),
        public=public_path(text.name),
        version=text.version,
        lines=LINES,
        versions=tuple(_version(one, text, setting) for one in versions),
        can_reset=ships and text.version > 0,
        can_hide=text.name.kind is Kind.CONDITION,
        is_hidden=text.is_hidden,
    )


def present_parts(*, kind: Kind, content: Content) -> tuple[Part, ...]:
    """A text field by field as visitors see it."""
    return tuple(
        Part(
            name=rule.name,
            text=content[rule.name],
            blocks=read_markup(content[rule.name]) if rule.is_markup else (),
        )
        for rule in FIELDS[kind]
        if content[rule.name]
    )


def title_of(*, name: Name, text: Text | None, setting: Setting) -> str:
    """What the manager calls the text."""
    if name.kind is Kind.HOME:
        return str(_("Home page"))
    if name.kind is Kind.PERSON:
        return setting.practitioners[name.slug].name
    return text.content["title"] if text else name.slug


def edit_path(name: Name) -> str:
    """Where the text is written."""
    return f"/desk/site/{name.kind}/{name.slug}"


def public_path(name: Name) -> str:
    """Where visitors read it."""
    places = {Kind.HOME: "/", Kind.CONDITION: f"/conditions/{name.slug}"}
    places |= {Kind.PERSON: f"/people/{name.slug}", Kind.PAGE: f"/{name.slug}"}
    return places[name.kind]


def _of(texts: Mapping[Name, Text], kind: Kind) -> list[Name]:
    return sorted((name for name in texts if name.kind is kind), key=lambda name: name.slug)


def _row(setting: Setting, name: Name, text: Text | None) -> TextRow:
    changed = text.changed_at if text else None
    return TextRow(
        title=title_of(name=name, text=text, setting=setting),
        href=edit_path(name),
        public=public_path(name),
        state=_("Changed %(day)s", day=local_date(changed, zone=setting.zone)) if changed else "",
        is_hidden=text.is_hidden if text else False,
    )


def _version(one: PastVersion, text: Text, setting: Setting) -> VersionRow:
    deeds = {
        "added": _("Added"),
        "saved": _("Saved"),
        "restored": _("Restored"),
        "reset": _("As it ships again"),
        "hidden": _("Hidden"),
        "shown": _("Shown"),
    }
    day, time = (
        local_date(one.saved_at, zone=setting.zone),
        local_time(one.saved_at, zone=setting.zone),
    )
    return VersionRow(
        number=one.number,
        deed=deeds[one.deed],
        when=f"{day}, {time}",
        who=one.saved_by,
        href=f"{edit_path(text.name)}/versions/{one.number}",
        is_current=one.number == text.version,
    )
