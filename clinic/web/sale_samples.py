"""What the page of components shows of selling: plainly made-up values."""

from types import SimpleNamespace as Sample

from clinic.web.fields import FieldView
from clinic.web.samples import sample_parts


def sample_sale() -> Sample:
    """An analysis on offer, its refund rule and its questions."""
    return Sample(
        analysis=Sample(
            slug="sample",
            name="Sample analysis",
            price="$420",
            minutes="75 minutes",
            summary="What is measured, for whom, in one sentence.",
            gets=(
                Sample(name="A full session", text="Walking and running."),
                Sample(name="A written report", text="In plain words."),
            ),
            bring="The shoes you run in.",
            where="At the main office",
            first_free="Tue, Dec 1, 11:00 AM",
            path="#main",
        ),
        rule=(
            Sample(when="Bought, no lab time chosen", back="$420"),
            Sample(when="Recorded in the lab", back="Nothing"),
        ),
        week=Sample(
            days=(
                Sample(
                    heading="Tue, Dec 1",
                    why="",
                    slots=(
                        Sample(label="11:00 AM", value="1", is_held=False),
                        Sample(label="2:30 PM", value="2", is_held=False),
                    ),
                ),
            ),
            note="75 minutes. All times are clinic time.",
            earlier="#main",
            later="#main",
            next_free="",
            next_words="",
        ),
        empty_week=Sample(
            days=(),
            earlier="",
            later="",
            next_free="#main",
            next_words="Tue, Dec 8, 9:00 AM",
        ),
        find=Sample(
            code=FieldView("order-code", "order-code", "Order code", value="KX4-7QM-9TFR"),
            birth_date=FieldView(
                "order-birth",
                "order-birth",
                "Date of birth",
                parts=sample_parts("order-birth", year="1984"),
            ),
        ),
        steps=(
            Sample(text="Paid", state="was"),
            Sample(text="Lab time", state="now"),
            Sample(text="Recorded", state=""),
        ),
        story=(
            Sample(
                title="The payment failed",
                at="Nov 23, 10:41 AM",
                words="",
                who="system",
                kind="trouble",
            ),
            Sample(
                title="Order placed, $420",
                at="Nov 23, 10:30 AM",
                words="",
                who="public",
                kind="key",
            ),
        ),
        bars=Sample(
            width=140,
            height=220,
            base=150,
            bar=22,
            highest="$840",
            bars=(
                Sample(x=20, y=20, height=130, kind="in"),
                Sample(x=42, y=85, height=65, kind="out"),
            ),
            labels=(Sample(x=31, text="Nov 16"),),
        ),
        file=FieldView("report", "report", "Report", hint="A PDF.", type="file"),
        questions=(Sample(name="Do I need a referral?", text="No."),),
    )
