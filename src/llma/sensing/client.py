"""The client of the package `openai`: made for one run, asked once a call, its errors put into plain words.

The client's own retries are switched off, because a budget must count every attempt, and because a reply
that is damaged inside is not an error to it. The key goes from the environment straight into the client. What
leaves this module is a dictionary or a `Fault`: the client's exceptions hold the request with its headers, so
none of them is passed on, not even as the cause of another.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llma.sensing.asking import Fault, SensorError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

KEY = "OPENAI_API_KEY"
SHOWN = 300  # characters of a server's message
# What servers call a request that is longer than the model's context.
TOO_LONG = ("context_length", "context length", "maximum context", "too long", "string_above_max_length")
# What servers call a text that their filter does not let through to the model.
FILTERED = ("content_filter", "content_policy_violation", "invalid_prompt")
TOO_LATE = Fault("again", "no reply within the time allowed", billed=True)
PASSING = (408, 409, 425, 429)
ABSENT = (404, 405, 501)


def examine_environment(base_url: str | None) -> None:
    """Check, before anything is sent, that the package is there and, for OpenAI itself, a key.

    Raises
    ------
    SensorError
        Saying what to do.
    """
    try:
        import openai  # noqa: F401, PLC0415
    except ImportError:
        failure = "the package openai is not installed; run: pip install openai"
    else:
        if base_url is not None or os.environ.get(KEY):
            return
        failure = (
            f"the environment has no {KEY}; set it outside of the notebook (on Colab: copy it from Secrets "
            "into os.environ), or name a server of your own with base_url"
        )
    raise SensorError(failure)


def connect(base_url: str | None, timeout: float) -> AsyncOpenAI:
    """Return a client, to be closed by `async with`."""
    import openai  # noqa: PLC0415

    # A server of one's own mostly wants no key, but the client insists on one.
    return openai.AsyncOpenAI(
        base_url=base_url, api_key=os.environ.get(KEY) or "none", timeout=timeout, max_retries=0
    )


async def post(
    client: AsyncOpenAI, decisions: bool, body: Mapping[str, Any], seconds: float
) -> dict[str, Any] | Fault:
    """Send one request; return the reply as a dictionary, or the fault."""
    create = client.decisions.create if decisions else client.chat.completions.create
    try:
        # The client's own limit is for each step, and a reply may come drop by drop.
        async with asyncio.timeout(seconds):
            reply = await create(**body)
    except TimeoutError:
        fault = TOO_LATE
    except Exception as error:
        fault = _fault(error)
    else:
        dump = getattr(reply, "model_dump", None)
        if dump is not None:
            plain: dict[str, Any] = dump(warnings=False)
            return plain
        fault = Fault("again", "the reply is not JSON", billed=True)
    return fault


def _fault(error: Exception) -> Fault:
    import openai  # noqa: PLC0415

    if isinstance(error, openai.APIStatusError):
        return _status_fault(error)
    if isinstance(error, openai.APITimeoutError):
        return TOO_LATE
    if isinstance(error, openai.APIConnectionError):
        return Fault("again", f"the connection failed ({_cause(error)})", billed=True)
    if isinstance(error, (openai.APIError, ValueError, TypeError, AttributeError)):
        return Fault("again", f"the reply is damaged ({type(error).__name__})", billed=True)
    return Fault("stop", clean(f"{type(error).__name__}: {error}"))


def _status_fault(error: Any) -> Fault:
    status, said = int(error.status_code), clean(_said(error))
    words = f"{error.code or ''} {said}".casefold()
    headers = {name.lower(): value for name, value in error.response.headers.items()}
    answered = f"the server answered {status}, {said!r}"
    if status in (401, 403):
        return Fault("stop", f"{answered}: it does not accept the key in {KEY}")
    if "insufficient_quota" in words:
        return Fault("stop", f"{answered}: the account has no credit left")
    if status in PASSING or (status >= 500 and status not in ABSENT):
        asked = {name: headers[name] for name in ("retry-after", "retry-after-ms") if name in headers}
        return Fault("again", answered, asked, billed=status >= 500)
    kind = "unfit"
    if any(name in words for name in FILTERED):
        kind = "refused"
    elif status == 413 or any(name in words for name in TOO_LONG):
        kind, answered = "unreadable", f"it is too long for the model; shorten it or split it ({answered})"
    return Fault(kind, answered)


def _said(error: Any) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    return str(body.get("message") or error.message)


def _cause(error: Exception) -> str:
    return type(error.__cause__ or error).__name__


def clean(message: str) -> str:
    """Return a message without the key, on one line, not too long.

    Examples
    --------
    >>> clean(400 * "x")[-3:]
    'xx…'
    """
    key = os.environ.get(KEY)
    if key:
        message = message.replace(key, "[key]")
    message = " ".join(message.split())
    return message if len(message) <= SHOWN else message[: SHOWN - 1] + "…"
