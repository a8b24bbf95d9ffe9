"""A mail as the bytes that go over the line.

Python's email package builds a mail from objects that parse and fold each header anew; that was
half of what a mail cost. Here plain lines are written as they are, and the package is asked only
for what is hard: names and subjects with other letters, or too long for a line.
"""

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.policy import SMTP, SMTPUTF8
from functools import lru_cache

from clinic.messaging.rules import Attachment

LONGEST_LINE = 76
PLAIN = re.compile(r"[!-~](?:[ -~]*[!-~])?")
PLAIN_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 '-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Mail:
    """A whole mail; ``fields`` are headers in their order, addresses among them."""

    key: str
    to: Address
    fields: Sequence[tuple[str, str]]
    text: str
    html: str
    attachments: Sequence[Attachment] = ()

    def as_bytes(self) -> bytes:
        """The mail with CRLF line ends. Addresses in other letters make its headers UTF-8."""
        is_utf8 = not self.to.addr_spec.isascii()
        head = [_to(self.to, is_utf8=is_utf8)]
        head += [_field(name, value, is_utf8=is_utf8) for name, value in self.fields]
        head.append(b"MIME-Version: 1.0\r\n")
        parts = [_part("text/plain", self.text), _part("text/html", self.html)]
        body = _multipart("alternative", f"=_a{self.key}", parts)
        if self.attachments:
            files = [_file(one) for one in self.attachments]
            body = _multipart("mixed", f"=_m{self.key}", [body, *files])
        return b"".join(head) + body


def _multipart(kind: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    """Parts under a boundary that none of them can hold: they write an equals sign as ``=3D``."""
    line = f"--{boundary}".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    inner = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
    return head + inner + line + b"--\r\n"


def _file(one: Attachment) -> bytes:
    more = "".join(f'; {name}="{value}"' for name, value in one.parameters)
    return _part(
        f"text/{one.subtype}",
        one.text,
        parameters=more,
        field=f'Content-Disposition: attachment; filename="{one.name}"\r\n',
    )


def _part(kind: str, text: str, *, parameters: str = "", field: str = "") -> bytes:
    head = (
        f'Content-Type: {kind}; charset="utf-8"{parameters}\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\n{field}\r\n"
    )
    lines = "\r\n".join(text.splitlines())
    return head.encode() + binascii.b2a_qp(lines.encode(), istext=True) + b"\r\n"


def _to(address: Address, *, is_utf8: bool) -> bytes:
    name, spec = address.display_name, address.addr_spec
    if not name and PLAIN.fullmatch(spec):
        return _field("To", spec, is_utf8=is_utf8)
    if PLAIN_NAME.fullmatch(name) and PLAIN.fullmatch(spec):
        return _field("To", f"{name} <{spec}>", is_utf8=is_utf8)
    policy = SMTPUTF8 if is_utf8 else SMTP
    return policy.fold_binary(*policy.header_store_parse("To", address))


def _field(name: str, value: str, *, is_utf8: bool) -> bytes:
    is_short = len(name) + len(value) + 2 <= LONGEST_LINE
    if is_short and PLAIN.fullmatch(value) and "=?" not in value:
        return f"{name}: {value}\r\n".encode()
    return _folded(name, value, is_utf8)


@lru_cache(maxsize=256)
def _folded(name: str, value: str, is_utf8: bool) -> bytes:
    policy = SMTPUTF8 if is_utf8 else SMTP
    return policy.fold_binary(*policy.header_store_parse(name, value))
