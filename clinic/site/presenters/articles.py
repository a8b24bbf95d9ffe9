"""Texts to read: conditions, and the pages about the site itself."""

from dataclasses import dataclass

from clinic.site.rules.markup import Block, read_markup
from clinic.site.rules.texts import Text


@dataclass(frozen=True, slots=True)
class Article:
    """A text ready to print; `headings` lead into it."""

    title: str
    summary: str
    blocks: tuple[Block, ...]
    headings: tuple[Block, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Teaser:
    """An article as a list names it."""

    title: str
    summary: str
    href: str


def present_article(*, text: Text, path: str) -> Article:
    """A condition or a page with its table of contents."""
    blocks = read_markup(text.content["body"])
    return Article(
        title=text.content["title"],
        summary=text.content["summary"],
        blocks=blocks,
        headings=tuple(block for block in blocks if block.kind == "heading"),
        path=path,
    )


def present_teaser(*, text: Text) -> Teaser:
    """A condition as the list of conditions names it."""
    return Teaser(
        title=text.content["title"],
        summary=text.content["summary"],
        href=f"/conditions/{text.name.slug}",
    )
