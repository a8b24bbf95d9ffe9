"""The page client sees what is wrong with a page: its rules are tested by breaking each."""

import pytest

from tests.support.pages import Page, PageFault, check_page

GOOD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Book a visit - Clinic</title>
<link rel="stylesheet" href="/static/css/site.css"><script src="/static/js/a.js"></script></head>
<body><h1>Book a visit</h1>
<form method="post" action="/book"><input type="hidden" name="csrf_token" value="abc">
<label for="name">Name</label><input id="name" name="name" value="Ana">
<input type="checkbox" name="news" value="yes"><input type="radio" name="how" value="a" checked>
<input type="radio" name="how" value="b"><textarea name="note">
line</textarea>
<select name="day"><option value="1">Mon</option><option selected>Tue</option></select>
<button name="go" value="1">Send</button></form>
<a href="/elsewhere">Elsewhere</a></body></html>"""

DATA = '<script type="application/ld+json">'


def page(html: str = GOOD) -> Page:
    return Page(path="/book", status=200, html=html)


class TestCheckPage:
    def test_is_content_with_a_good_page(self) -> None:
        check_page(page())

    def test_lets_facts_for_search_engines_stand(self) -> None:
        check_page(page(GOOD.replace("</head>", f'{DATA}{{"@type": "Person"}}</script></head>')))

    @pytest.mark.parametrize(
        ("old", "new", "complaint"),
        [
            ("<h1>Book a visit</h1>", "", "0 h1 elements"),
            ("</h1>", "</h1><h1>Again</h1>", "2 h1 elements"),
            ("<h1>Book a visit</h1>", "<h1> </h1>", "an empty h1"),
            ("<title>Book", "<title>Please book", "does not start with the h1"),
            ("<h1>", '<div class="error-summary"></div><h1>', "does not start with 'Error: '"),
            ("csrf_token", "token", "has 0 CSRF fields"),
            ('value="abc"', 'value=""', "has 0 CSRF fields"),
            ("<h1>", '<h1 style="color: red">', "h1 with an inline style"),
            ("<h1>", '<h1 onclick="go()">', "h1 with an inline onclick"),
            ("</head>", "<style>h1 {}</style></head>", "an inline style element"),
            ("</head>", "<script>go()</script></head>", "an inline script element"),
            ("</head>", f"{DATA}go()</script></head>", "an inline script element"),
            ("</head>", f"{DATA}</script></head>", "an inline script element"),
            (
                "</head>",
                '<script type="module">{"a": 1}</script></head>',
                "an inline script element",
            ),
            ('href="/elsewhere"', 'href="JavaScript:go()"', "a javascript: link"),
            ('src="/static', 'src="https://cdn.example.com/static', "from elsewhere"),
            ('href="/static', 'href="//cdn.example.com/static', "from elsewhere"),
            ('id="name"', 'id="other"', "a label for 'name'"),
            ("<h1>", '<h1 id="name">', "the id 'name' is there twice"),
            ("</h1>", "</h2>", "/book:4"),
            ("<!doctype html>", "", "Expected DOCTYPE"),
            ('<input id="name"', '<input id="name" id="name"', "/book:6"),
        ],
    )
    def test_names_what_is_wrong(self, old: str, new: str, complaint: str) -> None:
        assert old in GOOD
        with pytest.raises(PageFault) as found:
            check_page(page(GOOD.replace(old, new, 1)))
        assert complaint in str(found.value)

    def test_wants_error_before_the_title_and_accepts_it(self) -> None:
        html = GOOD.replace("<title>", "<title>Error: ")
        check_page(page(html.replace("<h1>", '<div class="error-summary"></div><h1>')))


class TestForm:
    def test_holds_what_a_browser_would_send(self) -> None:
        assert page().form("/book").values == {
            "csrf_token": ["abc"],
            "name": ["Ana"],
            "how": ["a"],
            "note": ["line"],
            "day": ["Tue"],
        }

    def test_knows_its_buttons(self) -> None:
        assert page().form().buttons == [("go", "1")]

    def test_is_found_by_where_it_leads(self) -> None:
        with pytest.raises(AssertionError, match="has 0 forms"):
            page().form("/other")
