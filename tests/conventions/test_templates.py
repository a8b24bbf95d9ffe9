"""Every template compiles, uses what it imports and keeps code and styles out of the markup."""

import re
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, meta, nodes

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
# Facts for search engines are data, which no browser runs; no other script stands in the markup.
DATA = r"type=\"application/ld\+json\">"
INLINE = re.compile(
    rf"<style|<script(?! {DATA})(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=\"|javascript:", re.IGNORECASE
)
LETTERS = "messages/layout.html"  # e-mail has no stylesheets but the one it carries


# What stands in the head of a page is not to be seen.
FOR_THE_HEAD = {f"components/{name}.html" for name in ("meta", "service_meta", "structured_data")}


@cache
def names() -> tuple[str, ...]:
    found = (path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt", ".svg"})
    return tuple(sorted(path.relative_to(TEMPLATES).as_posix() for path in found))


@cache
def environment() -> Environment:
    """The product's extensions; filters are looked up when a page is rendered, not here."""
    loader = FileSystemLoader(TEMPLATES)
    extensions = ["jinja2.ext.i18n", "jinja2.ext.do"]
    return Environment(
        loader=loader, undefined=StrictUndefined, autoescape=True, extensions=extensions
    )


def source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def parsed(name: str) -> nodes.Template:
    return environment().parse(source(name), name=name)


def imported_names(tree: nodes.Template) -> set[str]:
    """What `import ... as x` and `from ... import x as y` bind."""
    whole = {node.target for node in tree.find_all(nodes.Import)}
    parts = {
        name if isinstance(name, str) else name[1]
        for node in tree.find_all(nodes.FromImport)
        for name in node.names
    }
    return whole | parts


def reached(name: str) -> set[str]:
    """The templates that a template draws upon, over any number of steps."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        more = {one for one in meta.find_referenced_templates(parsed(waiting.pop())) if one}
        waiting += more - found
        found |= more
    return found


@pytest.mark.parametrize("name", names())
class TestTemplate:
    def test_compiles(self, name: str) -> None:
        parsed(name)

    def test_refers_to_templates_that_exist(self, name: str) -> None:
        referenced = {found for found in meta.find_referenced_templates(parsed(name)) if found}
        assert referenced <= set(names())

    def test_uses_what_it_imports(self, name: str) -> None:
        tree = parsed(name)
        used = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}
        assert imported_names(tree) - used == set()

    def test_has_no_inline_code_or_style(self, name: str) -> None:
        allowed = ["<style"] if name == LETTERS else []
        assert INLINE.findall(source(name)) == allowed


class TestComponents:
    def test_hold_one_macro_named_like_their_file(self) -> None:
        wrong = []
        for name in names():
            if name.startswith("components/") and name.endswith(".html"):
                macros = [node.name for node in parsed(name).find_all(nodes.Macro)]
                public = [macro for macro in macros if not macro.startswith("_")]
                if public != [Path(name).stem]:
                    wrong.append(f"{name}: {public}")
        assert wrong == []

    def test_all_stand_on_the_sheet(self) -> None:
        """Whoever builds sees every component, on its own or inside another one."""
        components = {name for name in names() if name.startswith("components/")}
        assert components - reached("sheet/components.html") - FOR_THE_HEAD == set()
