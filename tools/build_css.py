"""Joins and shrinks the stylesheets: static/css/src/*.css -> static/css/site.css and desk.css.

`python -m tools.build_css` writes them; `--check` writes nothing and exits 1 when a built file
does not match its sources. Fonts get the same content version in the stylesheet that pages use to
preload them, so that one request serves both.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

CSS = Path(__file__).parent.parent / "static" / "css"

# The order is the cascade: later files may refine earlier ones.
SHEETS = {
    "site.css": (
        "fonts",
        "tokens",
        "base",
        "layout",
        "frame",
        "buttons",
        "forms",
        "notices",
        "surfaces",
        "status",
        "booking",
        "portal",
        "requests",
        "intake",
        "safety",
        "public",
        "article",
        "gait",
        "sheet",
        "print",
    ),
    "desk.css": ("desk", "calendar", "orders", "finding", "reading", "writing"),
}


def built(*, sheet: str) -> str:
    """The text that `sheet` must have, from its sources."""
    text = "\n".join((CSS / "src" / f"{name}.css").read_text("utf-8") for name in SHEETS[sheet])
    return shrunk(css=re.sub(r"url\(\.\./([\w./-]+)\)", _versioned, text)) + "\n"


def shrunk(*, css: str) -> str:
    """CSS without comments and needless space. Strings stay; none of ours holds a brace."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,]) ?", r"\1", css)
    return css.replace(";}", "}").strip()


def _versioned(match: re.Match[str]) -> str:
    name = match.group(1)
    version = hashlib.sha256((CSS.parent / name).read_bytes()).hexdigest()[:12]
    return f"url(../{name}?v={version})"


def main(argv: list[str]) -> int:
    stale = []
    for sheet in SHEETS:
        text, path = built(sheet=sheet), CSS / sheet
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(sheet)
        if "--check" not in argv:
            path.write_text(text, "utf-8")
    verb = "does not match its sources; run" if "--check" in argv else "written by"
    sys.stdout.writelines(
        f"static/css/{sheet} {verb} python -m tools.build_css\n" for sheet in stale
    )
    return 1 if stale and "--check" in argv else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
