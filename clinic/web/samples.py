"""What the page of components shows: plainly made-up values in the shapes that components take."""

from types import SimpleNamespace as Sample

from clinic.web.date_field import PartView
from clinic.web.fields import ChoiceView, FieldView


def sample_fields() -> dict[str, FieldView | Sample]:
    """A field of each kind, some with a hint, some with what is wrong."""
    return {
        "name": FieldView("given", "given", "Given name", hint="As on your ID.", value="Jordan"),
        "phone": FieldView(
            "phone",
            "phone",
            "Mobile phone",
            error="Enter a phone number with area code",
            value="555",
            type="tel",
        ),
        "note": FieldView("note", "note", "What helps?", type="textarea", is_optional=True),
        "who": FieldView("who", "who", "Practitioner", choices=_choices("who")),
        "side": FieldView("side", "side", "Which side?", choices=_choices("side")),
        "agree": FieldView("agree", "agree", "I have read this", type="checkbox", value="y"),
        "refused": FieldView(
            "refused", "refused", "I agree", type="checkbox", error="Tick the box to go on"
        ),
        "where": FieldView("where", "where", "Where is it?", choices=_choices("where")),
        "strength": FieldView(
            "strength",
            "strength",
            "How strong is it?",
            choices=tuple(
                ChoiceView(f"strength-{n}" if n else "strength", str(n), str(n), n == 6)
                for n in range(11)
            ),
        ),
        "chart": sample_chart(),
        "forms_open": Sample(asked=5, begun=2, done=2, is_complete=False),
        "forms_done": Sample(asked=5, begun=5, done=5, is_complete=True),
        "day": FieldView("day", "day", "Day", type="date", value="2026-11-24"),
        "part": FieldView("part", "part", "Part of the day", choices=_choices("part")),
        "born": FieldView(
            "born",
            "born",
            "Date of birth",
            error="The year must have four digits, for example 1984",
            parts=sample_parts("born", year="84"),
        ),
    }


def sample_chart() -> Sample:
    """A body with one place of pain, the worst, of strength 6."""
    sizes = {"rx": 15, "ry": 13, "tap_x": 16, "tap_y": 13, "path": "", "box": "", "sides": ""}
    zones = tuple(
        Sample(
            **sizes,
            code="buttock-mid",
            side=side,
            cx=cx,
            cy=234,
            is_on=side == "right",
            is_worst=False,
            level="6" if side == "right" else "",
        )
        for side, cx in (("left", 75), ("right", 125))
    )
    words = (Sample(x=66, y=175, text="Left"), Sample(x=134, y=175, text="Right"))
    figure = Sample(
        name="seat",
        box="50 166 100 110",
        label="Lower back and seat",
        is_front=False,
        zones=zones,
        words=words,
    )
    return Sample(figures=(figure,), is_live=False, worst="", overall="")


def sample_guardian() -> Sample:
    """A child, who acts for it, and how they are reached."""
    return Sample(
        given_name=FieldView("child", "child", "The child’s given name", value="Robin"),
        family_name=FieldView("family", "family", "The child’s family name", value="Example"),
        birth_date=FieldView(
            "child-birth",
            "child-birth",
            "The child’s date of birth",
            parts=sample_parts("child-birth", year="2015"),
        ),
        email=FieldView("mail", "mail", "Your e-mail address", value="jordan@example.com"),
        phone=FieldView("tel", "tel", "Your phone number", type="tel"),
        texts=FieldView(
            "texts",
            "texts",
            "Remind me by text message",
            type="checkbox",
            hint="We see you just as well without it.",
        ),
        guardian_name=FieldView("guardian", "guardian", "Your own name", value="Jordan Example"),
        relation=FieldView(
            "relation",
            "relation",
            "What are you to the child?",
            choices=(
                ChoiceView("relation-0", "parent", "Parent", True),
                ChoiceView("relation-1", "guardian", "Legal guardian", False),
            ),
        ),
        guardian_birth_date=FieldView(
            "their-birth",
            "their-birth",
            "Your own date of birth",
            parts=sample_parts("their-birth", year="1984"),
        ),
    )


def sample_hold() -> Sample:
    """A held time."""
    return Sample(
        is_live=True,
        until="10:52 AM",
        until_stamp="2026-11-23T15:52:00+00:00",
        now_stamp="2026-11-23T15:49:30+00:00",
        policy="Please move or cancel until Mon, Nov 23, 9:20 AM, 24 hours before the visit.",
        ticket=Sample(
            short=("Tue, Nov 24", "9:20 AM"),
            note="Clinic time: New York (Eastern Time)",
            pairs=(
                ("With", "Dana Okafor, PT, DPT"),
                ("For", "First evaluation"),
                ("Where", ("Main office", "120 Example Street")),
                ("Price", "$180"),
            ),
        ),
    )


def sample_coming() -> dict[str, Sample]:
    """How to come to a visit at the clinic and to one by video."""
    return {
        "in_person": Sample(
            place="Find your way",
            lines=("Main office", "120 Example Street, Floor 4", "New York, NY 10000"),
            directions="Entrance beside the pharmacy. The elevator is on the left.",
            map_href="https://maps.example/",
            bring="Bring with you",
            things="A photo ID and clothes you can move in.",
        ),
        "by_video": Sample(
            place="Be in New York",
            lines=("A clinician may only see you in a state they are licensed for.",),
            directions="",
            map_href="",
            bring="Have at hand",
            things="A phone or computer with a camera, good light, and room to move.",
        ),
    }


def sample_week() -> Sample:
    """A week with each kind of day."""
    link = Sample(text="Next free: Tue, Nov 24, 9:20 AM", href="#main")
    return Sample(
        heading="November 23 – 29",
        earlier="#main",
        later="#main",
        next_free=link,
        is_empty=False,
        clock="All times are clinic time: New York (Eastern Time).",
        path="#main",
        kept=(("state", "NY"),),
        filters=(FieldView("with", "with", "Practitioner", choices=_choices("with")),),
        days=(
            _day(
                "Mon 23", "Fully booked today.", "Miguel Santos is free at 3:20 PM", is_today=True
            ),
            _day("Tue 24", slots=(("9:20 AM", True), ("10:00 AM", False)), more="Show 4 more"),
            _day("Wed 25", "2 times, at another time of day.", "Show the whole day"),
            _day("Thu 26", "Closed: Thanksgiving."),
        ),
    )


def sample_alternatives() -> tuple[Sample, ...]:
    """Free times with their days, for who was just too late."""
    return (Sample(label="Tue, Nov 24, 11:20 AM", value="3", is_held=False),)


def sample_blocks() -> tuple[Sample, ...]:
    """An editable text with every kind of block that needs no other page."""
    words = Sample(text="Where it hurts is not always where it starts. ", href="", is_bold=False)
    bold = Sample(text="Look at the hip.", href="", is_bold=True)
    linked = Sample(text="Read more", href="#main", is_bold=False)
    return (
        Sample(kind="heading", id="why", text="Why it hurts"),
        Sample(kind="paragraph", runs=(words, bold, linked)),
        Sample(kind="subheading", id="first", text="What helps first"),
        Sample(kind="list", items=((words,), (bold,))),
        Sample(kind="numbered", items=((words,), (bold,))),
        Sample(kind="warning", runs=(words,)),
    )


def sample_writing() -> Sample:
    """Fields of an editable text, and how visitors will see them."""
    words = Sample(text="Where it hurts is not always where it starts.", href="", is_bold=False)
    return Sample(
        fields=(
            FieldView(id="writing-title", name="title", label="Title", value="Knee pain"),
            FieldView(
                id="writing-body", name="body", label="Text", value="A word.", type="textarea"
            ),
        ),
        lines={"body": 4},
        parts=(
            Sample(text="Knee pain", blocks=()),
            Sample(text="Why knees hurt.", blocks=()),
            Sample(text="", blocks=(Sample(kind="paragraph", runs=(words,)),)),
        ),
        drawings=("piriformis", "fall"),
    )


def sample_people() -> tuple[Sample, ...]:
    """Somebody with a free time, and somebody without."""
    dana = Sample(
        initials="DO",
        page="#main",
        name="Dana Okafor",
        focus="Hips, running",
        href="#main",
        next_free="Tue, Nov 24, 9:20 AM",
    )
    iris = Sample(
        initials="IO", page="#main", name="Iris Owl", focus="Sleep", href="", next_free=""
    )
    return dana, iris


def sample_offers() -> tuple[Sample, ...]:
    """A service that is booked online, and one that is booked by phone."""
    online = Sample(name="First evaluation", length="60 minutes", price="$180", href="/_components")
    by_phone = Sample(name="Surgery talk", length="30 minutes", price="", href="")
    return online, by_phone


def sample_desk() -> Sample:
    """The desk's counts, steps and views of a list."""
    return Sample(
        counts=(
            Sample(count=2, text="late", href="", is_alert=True),
            Sample(count=5, text="to come", href="#main", is_alert=False),
        ),
        step=Sample(text="Check in", value="check-in|1|abc", key="c"),
        trail=(Sample(heading="Monday, November 23", lines=(_entry(),)),),
        chart=_chart(),
    )


def _chart() -> Sample:
    lines = (
        Sample(
            points=((40.0, 52.0), (181.0, 97.0), (322.0, 127.0)),
            path="40,52 181,97 322,127",
            end="Pain 3",
            end_y=131.0,
            is_second=True,
        ),
        Sample(
            points=((40.0, 127.0), (181.0, 97.0), (322.0, 67.0)),
            path="40,127 181,97 322,67",
            end="Function 7",
            end_y=71.0,
            is_second=False,
        ),
    )
    return Sample(
        label="Pain from 8 to 3; function from 3 to 7",
        grid=tuple(Sample(y=y, text=text) for y, text in ((172, "0"), (97, "5"), (22, "10"))),
        ticks=tuple(Sample(x=x, text=text) for x, text in ((40, "Oct 12"), (322, "Nov 23"))),
        series=lines,
        names=("Pain", "Function"),
        rows=(Sample(day="Nov 23", values=("3", "7")), Sample(day="Oct 12", values=("8", "3"))),
    )


def _entry() -> Sample:
    return Sample(
        stamp="2026-11-23T10:42-05:00",
        time="10:42 AM",
        who="Kim Torres",
        role="front desk",
        words="looked at the day's list",
        details="",
        about="Monday, November 23",
        about_href="#main",
        session_href="#main",
    )


def _day(
    heading: str,
    reason: str = "",
    alternative: str = "",
    *,
    slots: tuple[tuple[str, bool], ...] = (),
    more: str = "",
    is_today: bool = False,
) -> Sample:
    return Sample(
        heading=heading,
        is_today=is_today,
        reason=reason,
        alternative=Sample(text=alternative, href="#main") if alternative else None,
        slots=tuple(Sample(label=text, value=text, is_held=held) for text, held in slots),
        more=Sample(text=more, href="#main") if more else None,
    )


def _choices(name: str) -> tuple[ChoiceView, ...]:
    words = ("Left", "Right", "Sometimes left, sometimes right")
    return tuple(
        ChoiceView(f"{name}-{n}", str(n), text, is_chosen=n == 1) for n, text in enumerate(words)
    )


def sample_parts(field: str, *, year: str) -> tuple[PartView, ...]:
    """The three inputs of a birth date."""
    typed = {"month": "7", "day": "7", "year": year}
    return tuple(_part(f"{field}-{name}", name, value) for name, value in typed.items())


def _part(id_: str, name: str, value: str) -> PartView:
    attributes = {"id": id_, "name": id_, "inputmode": "numeric"}
    attributes |= {"aria-invalid": "true"} if value == "84" else {}
    return PartView(id_, name.title(), value, name == "year", attributes)
