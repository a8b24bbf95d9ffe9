"""What every page owes its reader, checked on each page that a test sees."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from html5lib.html5parser import ParseError

VOID_OF_CODE = re.compile(r"^on[a-z]+$")
LOADING = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}


class PageFault(AssertionError):
    """A page breaks a rule that holds for all pages."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form as a browser would send it: where, how, and what is filled in already."""

    action: str
    method: str
    values: dict[str, list[str]]
    buttons: list[tuple[str, str]]
    """Name and value of each button; only the one that is pressed is sent."""


@dataclass(frozen=True)
class Page:
    """One HTML answer, parsed strictly."""

    path: str
    status: int
    html: str

    @cached_property
    def tree(self) -> Element:
        """The document; PageFault where it is not valid HTML."""
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        try:
            found: Element = parser.parse(self.html)
        except ParseError as error:
            line, column = parser.tokenizer.stream.position()
            near = self.html.splitlines()[line - 1][max(0, column - 80) : column + 20]
            raise PageFault(f"{self.path}:{line}:{column}: {error}: ...{near}...") from error
        return found

    @property
    def title(self) -> str:
        """The text of the title element."""
        return text_of(self.tree.find("./head/title"))

    @property
    def h1(self) -> str:
        """The text of the first main heading."""
        return text_of(next(iter(self.tree.iter("h1")), None))

    @property
    def text(self) -> str:
        """All words of the body, spaces collapsed."""
        return text_of(self.tree.find("./body"))

    @property
    def forms(self) -> list[Form]:
        """All forms in document order; an empty action is the page itself."""
        return [_form(element, self.path) for element in self.tree.iter("form")]

    def form(self, action: str | None = None) -> Form:
        """The only form that posts (to `action`, where given); AssertionError otherwise."""
        found = [
            form
            for form in self.forms
            if form.method == "post" and (action is None or urlsplit(form.action).path == action)
        ]
        assert len(found) == 1, f"{self.path} has {len(found)} forms that post to {action}"
        return found[0]

    def links(self) -> list[str]:
        """Where the links of the page lead."""
        return [a.attrib["href"] for a in self.tree.iter("a") if "href" in a.attrib]


def check_page(page: Page) -> None:
    """PageFault naming every rule that the page breaks."""
    faults = [
        *_heading_faults(page),
        *_form_faults(page),
        *_inline_faults(page.tree),
        *_origin_faults(page.tree),
        *_id_faults(page.tree),
    ]
    if faults:
        raise PageFault(f"{page.path}: " + "; ".join(faults))


def text_of(element: Element | None) -> str:
    """The words inside an element, spaces collapsed."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def _heading_faults(page: Page) -> list[str]:
    headings = [text_of(heading) for heading in page.tree.iter("h1")]
    if len(headings) != 1:
        return [f"{len(headings)} h1 elements, not one"]
    if not headings[0]:
        return ["an empty h1"]
    if not page.title.removeprefix("Error: ").startswith(headings[0]):
        return [f"the title {page.title!r} does not start with the h1 {headings[0]!r}"]
    has_summary = any("error-summary" in e.attrib.get("class", "") for e in page.tree.iter())
    if has_summary and not page.title.startswith("Error: "):
        return ["errors are shown and the title does not start with 'Error: '"]
    return []


def _form_faults(page: Page) -> list[str]:
    return [
        f"the form to {form.action} has {len(tokens)} CSRF fields"
        for form in page.forms
        if form.method == "post"
        and len(tokens := [value for value in form.values.get("csrf_token", []) if value]) != 1
    ]


def _inline_faults(tree: Element) -> list[str]:
    faults = []
    for element in tree.iter():
        tag, attributes = str(element.tag), element.attrib
        if tag == "style" or (
            tag == "script" and "src" not in attributes and not _is_data(element)
        ):
            faults.append(f"an inline {tag} element")
        faults += [
            f"{tag} with an inline {name}"
            for name in attributes
            if name == "style" or VOID_OF_CODE.match(str(name))
        ]
        if attributes.get("href", "").strip().lower().startswith("javascript:"):
            faults.append("a javascript: link")
    return faults


def _is_data(element: Element) -> bool:
    """Whether a script element is facts for search engines, which no browser runs: JSON alone."""
    if element.attrib != {"type": "application/ld+json"}:
        return False
    try:
        return isinstance(json.loads(element.text or ""), dict)
    except ValueError:
        return False


def _origin_faults(tree: Element) -> list[str]:
    loaded = [
        address
        for tag, attribute in LOADING.items()
        for element in tree.iter(tag)
        if element.attrib.get("rel") != "canonical"  # says where the page is, loads nothing
        if (address := element.attrib.get(attribute))
    ]
    return [f"loads {address} from elsewhere" for address in loaded if urlsplit(address).netloc]


def _id_faults(tree: Element) -> list[str]:
    ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
    faults = [f"the id {name!r} is there twice" for name in sorted(set(ids)) if ids.count(name) > 1]
    for label in tree.iter("label"):
        target = label.attrib.get("for")
        if target is not None and target not in ids:
            faults.append(f"a label for {target!r}, which is not there")
    return faults


def _form(element: Element, path: str) -> Form:
    values: dict[str, list[str]] = {}
    for field in element.iter():
        name = field.attrib.get("name")
        if name:
            values.setdefault(name, []).extend(_values(field))
    return Form(
        action=element.attrib.get("action") or path,
        method=element.attrib.get("method", "get").lower(),
        values={name: given for name, given in values.items() if given},
        buttons=[
            (button.attrib["name"], button.attrib.get("value", ""))
            for button in element.iter("button")
            if "name" in button.attrib and "disabled" not in button.attrib
        ],
    )


def _values(field: Element) -> list[str]:
    """What a browser sends for this field when nobody touches it; buttons are not pressed."""
    attributes = field.attrib
    kind = attributes.get("type", "text")
    if "disabled" in attributes or field.tag == "button" or kind in {"submit", "button", "file"}:
        return []
    if kind in {"checkbox", "radio"}:
        return [attributes.get("value", "on")] if "checked" in attributes else []
    if field.tag == "textarea":
        return ["".join(field.itertext())]
    if field.tag == "select":
        options = list(field.iter("option"))
        chosen = [option for option in options if "selected" in option.attrib] or options[:1]
        return [option.attrib.get("value", text_of(option)) for option in chosen]
    return [attributes.get("value", "")] if field.tag == "input" else []
