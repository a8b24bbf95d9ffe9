"""The line to the text message service: the only file that speaks to Twilio, by plain HTTP.

Its Messages API takes one text a call (twilio.com/docs/messaging/api/message-resource); what people
answer comes to our webhook, signed with the account's token
(twilio.com/docs/usage/webhooks/webhooks-security).
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from clinic.messaging.smtp import NotTaken, Unreachable
from config_sms import SmsService

if TYPE_CHECKING:  # loaded by the first text: most processes never send one
    import requests

CONNECT_SECONDS = 4
STOPPED = 21610
"""The person told the carrier to stop."""
OURS = frozenset({21212, 21606, 21603, 21703, 20003, 20404})
"""Who we are, or how we signed in, is wrong: no message is to blame, the operator can mend it."""


class TextLine:
    """One connection for several texts; ``is_broken`` once nothing more can be sent on it."""

    def __init__(self, service: SmsService) -> None:
        self._service = service
        self._session: requests.Session
        self.is_broken = False

    def __enter__(self) -> Self:
        """Make ready; the connection is opened with the first text."""
        import requests

        self._session = requests.Session()
        self._session.trust_env = False  # no proxy and no .netrc decides where texts go
        self._session.auth = (self._service.account, self._service.token)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._session.close()

    def send(self, *, to: str, text: str) -> None:
        """Hand one text over. Raises NotTaken, and Unreachable while nobody can be sent anything.

        A line that breaks before the answer leaves open whether the text was taken: it counts as
        not taken, so that it is at worst there twice.
        """
        import requests

        service = self._service
        sender = "MessagingServiceSid" if service.sender.startswith("MG") else "From"
        try:
            answer = self._session.post(
                f"{service.base}/2010-04-01/Accounts/{service.account}/Messages.json",
                data={"To": to, sender: service.sender, "Body": text},
                timeout=(min(CONNECT_SECONDS, service.timeout_seconds), service.timeout_seconds),
                allow_redirects=False,
            )
        except requests.ConnectTimeout as error:
            self.is_broken = True
            raise Unreachable(type(error).__name__) from None
        except requests.RequestException as error:
            self.is_broken = True
            raise NotTaken(f"the line broke ({type(error).__name__})", is_final=False) from None
        if answer.status_code != 201:
            self._refuse(answer)

    def _refuse(self, answer: "requests.Response") -> None:
        code = _code_of(answer)
        if answer.status_code in {401, 403, 404} or code in OURS:
            self.is_broken = True
            raise Unreachable(f"{answer.status_code} {code}")
        self.is_broken = answer.status_code == 429
        is_final = answer.status_code == 400
        reason = f"{answer.status_code} {code}" if code else str(answer.status_code)
        raise NotTaken(reason, is_final=is_final, is_barred=code == STOPPED)


def _code_of(answer: "requests.Response") -> int:
    """The service's own number of what is wrong; 0 when it gives none."""
    try:
        found: Any = answer.json()
    except ValueError:
        return 0
    code = found.get("code") if isinstance(found, dict) else None
    return code if isinstance(code, int) else 0


def is_signed(*, token: str, url: str, fields: Iterable[tuple[str, str]], signature: str) -> bool:
    """Whether the holder of the token sent these fields to that address of ours.

    HMAC-SHA1 over the address and each field's name and value, in the order of the names. The
    service signs the address with or without its port.
    """
    tail = "".join(name + value for name, value in sorted(set(fields)))
    proofs = (_signature(token, one + tail) for one in _spellings(url))
    return any(hmac.compare_digest(proof, signature.encode()) for proof in proofs)


def _spellings(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    if parts.port is not None:
        return url, url.replace(f":{parts.port}", "", 1)
    port = 443 if parts.scheme == "https" else 80
    return url, parts._replace(netloc=f"{parts.netloc}:{port}").geturl()


def _signature(token: str, text: str) -> bytes:
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest())
