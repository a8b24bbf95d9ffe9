"""The pages of texts: what a phone and the clinic wrote, and the call that Twilio's API has."""

import base64
from hmac import compare_digest

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.mailbox.texts import ACCOUNT, LONGEST, TOKEN, Texts, answer, take

_SIGN_IN = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()


def make_pages(texts: Texts, *, webhook: str | None) -> Blueprint:
    """The pages over one store; without ``webhook`` nobody can answer."""
    pages = Blueprint("texts", __name__)

    @pages.post(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    def take_text() -> tuple[Response, int]:
        if not compare_digest(request.headers.get("Authorization", ""), _SIGN_IN):
            return jsonify(code=20003, message="Authenticate"), 401
        form = request.form
        status, said = take(texts, to=form.get("To", ""), words=form.get("Body", ""))
        return jsonify(said), status

    @pages.get("/texts/<number>")
    def conversation(number: str) -> str:
        found = texts.of(number)
        if not found:
            abort(404)
        return render_template(
            "texts.html",
            number=number,
            texts=found,
            can_answer=webhook is not None,
            is_lost="lost" in request.args,
        )

    @pages.post("/texts/<number>")
    def send_answer(number: str) -> ResponseReturnValue:
        words = request.form.get("words", "").strip()[:LONGEST]
        if webhook is None or not texts.of(number):
            abort(404)
        is_taken = not words or answer(texts, number=number, words=words, webhook=webhook)
        return redirect(f"/texts/{number}{'' if is_taken else '?lost=1'}", 303)

    return pages
