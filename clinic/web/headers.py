"""What every answer says to the browser about trust.

Our pages load only what we serve ourselves and run no inline script or style, so the policy can
deny everything else. Pages are never stored: they hold names and times of patients.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, request

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TWO_YEARS_SECONDS = 63_072_000
LARGEST_REQUEST = 1024 * 1024
MOST_FORM_PARTS = 200


def init_headers(app: Flask, *, base_url: str, form_targets: tuple[str, ...] = ()) -> None:
    """Add the headers to every answer and bound what a request may bring.

    HTTPS is demanded for two years where `base_url` is https. `form_targets` are origins that a
    form may lead to besides ours (browsers check redirects after a form too). Sizes that the app's
    settings already name stay.
    """
    if app.config["MAX_CONTENT_LENGTH"] is None:
        app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.config["MAX_FORM_PARTS"] = MOST_FORM_PARTS
    policy = {**POLICY, "form-action": " ".join(("'self'", *form_targets))}
    directives = "; ".join(f"{name} {allowed}" for name, allowed in policy.items())
    fixed = {**ALWAYS, "Content-Security-Policy": directives}
    if urlsplit(base_url).scheme == "https":
        fixed["Strict-Transport-Security"] = f"max-age={TWO_YEARS_SECONDS}; includeSubDomains"

    def add_headers(response: Response) -> Response:
        given = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 - no mapping
        for name, value in fixed.items():
            if name.lower() not in given:
                response.headers.add(name, value)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    app.after_request(add_headers)
