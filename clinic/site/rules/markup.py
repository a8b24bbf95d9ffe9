"""The small markup of editable texts: read into blocks that a template prints. Pure.

    ## Heading          ### Smaller heading
    A paragraph with **bold words** and a [link to a page of ours](/book).
    - an item           1. a numbered item
    > What must not be overlooked.
    !drawing piriformis
    !button /book Book a visit

Blocks are parted by empty lines. There is no HTML in it: a `<` is a `<`. What is not understood is
plain text, and `faults_of` tells the writer where that was hardly meant.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

DRAWINGS = (
    "deep-gluteal",
    "piriformis",
    "si-joint",
    "sciatic-nerve",
    "lumbar-disc",
    "fall",
)
"""What `!drawing` may name: templates/drawings/<name>.svg."""

_INLINE = re.compile(r"\*\*(?P<bold>[^*\n]+)\*\*|\[(?P<words>[^][\n]+)\]\((?P<href>[^()\s]*)\)")
_OWN_PAGE = re.compile(r"/(?![/\\])[A-Za-z0-9/_.~?=&%-]*(#[A-Za-z0-9_-]+)?")
_HEADING = re.compile(r"(#{2,3}) +(.+)")
_NUMBERED = re.compile(r"[0-9]{1,2}\. +(.+)")
_BUTTON = re.compile(r"(\S+) +(.+)")


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one kind: plain, bold, or a link to one of our pages."""

    text: str
    is_bold: bool = False
    href: str = ""


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One block. `kind`: heading, subheading, paragraph, list, numbered, warning, drawing, button.

    `id` is the anchor of a heading, `name` the drawing, `href` where the button leads.
    """

    kind: str
    runs: Runs = ()
    items: tuple[Runs, ...] = ()
    id: str = ""
    name: str = ""
    href: str = ""

    @property
    def text(self) -> str:
        """The block's own words without their look."""
        return "".join(run.text for run in self.runs)

    @property
    def is_drawn(self) -> bool:
        """Whether there is a drawing of that name."""
        return self.name in DRAWINGS


@dataclass(frozen=True, slots=True)
class Fault:
    """What the writer hardly meant: a sentence with the name of what it is about."""

    sentence: str
    about: str = ""

    def __str__(self) -> str:
        """The sentence in English."""
        return self.sentence % {"about": self.about}


def read_markup(text: str) -> tuple[Block, ...]:
    """The blocks of a text, whatever it holds. Anchors of headings are unique."""
    taken: set[str] = set()
    return tuple(_anchored(block, taken) for block in _blocks(text))


def faults_of(text: str) -> tuple[Fault, ...]:
    """Everything in the text that would be printed otherwise than the writer thinks."""
    found = [fault for block in _blocks(text) for fault in _block_faults(block)]
    plain = _INLINE.sub("", text)
    if "**" in plain:
        found.append(Fault("Bold words need two stars before and two after: **like this**."))
    if "](" in plain:
        found.append(Fault("A link needs words and a page of ours: [words](/book)."))
    return tuple(dict.fromkeys(found))


def links_of(blocks: tuple[Block, ...]) -> tuple[str, ...]:
    """Where the text leads, each address once."""
    runs = [run for block in blocks for part in (block.runs, *block.items) for run in part]
    hrefs = [*(run.href for run in runs), *(block.href for block in blocks)]
    return tuple(dict.fromkeys(href for href in hrefs if href))


def is_own_page(href: str) -> bool:
    """Whether an address is one of our own pages: a path, never another site."""
    return _OWN_PAGE.fullmatch(href) is not None


def _blocks(text: str) -> Iterator[Block]:
    for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        yield from _of_lines(lines)


def _of_lines(lines: list[str]) -> Iterator[Block]:
    """A block without an empty line in it may still change its kind from line to line."""
    while lines:
        kind = _kind(lines[0])
        count = next((n for n, line in enumerate(lines) if _kind(line) != kind), len(lines))
        count = 1 if kind in {"heading", "subheading", "drawing", "button"} else count
        yield _MADE[kind](kind, lines[:count])
        lines = lines[count:]


def _kind(line: str) -> str:
    if found := _HEADING.fullmatch(line):
        return "heading" if len(found[1]) == 2 else "subheading"
    if line.startswith("- "):
        return "list"
    if _NUMBERED.fullmatch(line):
        return "numbered"
    if line.startswith(">"):
        return "warning"
    word = line.split(" ", 1)[0]
    return word[1:] if word in {"!drawing", "!button"} else "paragraph"


def _heading(kind: str, lines: list[str]) -> Block:
    return Block(kind, runs=(Run(lines[0].lstrip("#").strip()),))


def _words(kind: str, lines: list[str]) -> Block:
    return Block(kind, runs=_runs(" ".join(line.removeprefix(">").strip() for line in lines)))


def _items(kind: str, lines: list[str]) -> Block:
    return Block(kind, items=tuple(_runs(line.split(" ", 1)[1].strip()) for line in lines))


def _drawing(kind: str, lines: list[str]) -> Block:
    return Block(kind, name=lines[0].removeprefix("!drawing").strip())


def _button(kind: str, lines: list[str]) -> Block:
    found = _BUTTON.fullmatch(lines[0].removeprefix("!button").strip())
    return Block(kind, href=found[1], runs=(Run(found[2]),)) if found else Block(kind)


_MADE = {
    "heading": _heading,
    "subheading": _heading,
    "paragraph": _words,
    "warning": _words,
    "list": _items,
    "numbered": _items,
    "drawing": _drawing,
    "button": _button,
}


def _runs(text: str) -> Runs:
    found: list[Run] = []
    start = 0
    for match in _INLINE.finditer(text):
        found.append(Run(text[start : match.start()]))
        start = match.end()
        if match["bold"]:
            found.append(Run(match["bold"], is_bold=True))
        elif is_own_page(match["href"]):
            found.append(Run(match["words"], href=match["href"]))
        else:  # a link that leads elsewhere stays the text that it is
            found.append(Run(match.group()))
    return tuple(run for run in (*found, Run(text[start:])) if run.text)


def _block_faults(block: Block) -> Iterator[Fault]:
    if block.kind == "drawing" and not block.is_drawn:
        yield Fault("There is no drawing of that name: %(about)s.", block.name)
    if block.kind == "button" and not (block.href and is_own_page(block.href)):
        yield Fault("A button needs a page of ours and its words: !button /book Book a visit.")
    if block.kind == "paragraph" and block.text.startswith(("!", "# ", "####")):
        yield Fault("This line is not understood: %(about)s.", block.text[:40])
    for runs in (block.runs, *block.items):
        for run in runs:
            for match in _INLINE.finditer("" if run.href else run.text):
                if match["words"]:
                    yield Fault("A link leads to a page of ours: %(about)s.", match["href"][:60])


def _anchored(block: Block, taken: set[str]) -> Block:
    if block.kind not in {"heading", "subheading"}:
        return block
    plain = re.sub(r"[^a-z0-9]+", "-", block.text.lower()).strip("-")[:40] or "part"
    name = next(
        found
        for n in range(1, len(taken) + 2)
        if (found := f"{plain}-{n}" if n > 1 else plain) not in taken
    )
    taken.add(name)
    return Block(block.kind, runs=block.runs, id=f"on-{name}")
