"""The errors of good answers that cannot be decoded, or that hold a refusal in place of what was
asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from inlet_sdk.errors import FatalError, IngestError, RetryableError
from inlet_sdk.http.answer import ODD_RETRIES, HttpAnswer, OddAnswerError
from inlet_sdk.redaction import shown

ERROR_MEMBERS = ("errorMessages", "errors", "error", "message", "error_description", "detail")
"""Where vendors put their words: Atlassian, OAuth 2.0, RFC 9457 and the many that do alike."""
LONGEST_WORDS = 200

_object = msgspec.json.Decoder(dict[str, Any])


def other_shape(answer: HttpAnswer) -> IngestError:
    """Of an answer that is JSON, of another shape than the vendor documents."""
    words = error_words(answer.body)
    what = (
        f"with a refusal: {words}. Run again, and look at the site if it stays"
        if words
        else "in another shape than documented. Check baseUrl"
    )
    return OddAnswerError(
        "UNEXPECTED_RESPONSE", _message(answer, what), retries=ODD_RETRIES, details=_facts(answer)
    )


def unreadable(answer: HttpAnswer, error: Exception, *, last: bool) -> IngestError:
    """Of an answer that is no JSON. A cut one may come whole next time; one that is broken each
    time will stay so.
    """
    if not answer.body.strip():
        kind, what = (FatalError if last else RetryableError), "with nothing, each time"
        return _unexpected(answer, f"{what}. Check baseUrl, and what is in front of the site", kind)
    if "truncated" in str(error):
        return _unexpected(answer, "with cut JSON. Try again later", RetryableError)
    kind = FatalError if last else RetryableError
    return _unexpected(
        answer,
        "with what is not JSON, each time. Check baseUrl, and what is in front of the site",
        kind,
    )


def error_words(body: bytes) -> str:
    """What an object of errors says, shortened; empty for anything else."""
    try:
        said = _object.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return words_of({name: said[name] for name in ERROR_MEMBERS if name in said})


def words_of(said: Any) -> str:
    """The texts in a vendor's errors, whatever their shape; empty where there is none."""
    texts = [" ".join(text.split()).rstrip(".") for text in _texts(said)]
    return shown("; ".join(filter(None, texts)), LONGEST_WORDS).rstrip(".")


def _texts(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        for part in said.values():
            yield from _texts(part)
    elif isinstance(said, list):
        for part in said:
            yield from _texts(part)


def _unexpected(answer: HttpAnswer, what: str, kind: type[IngestError]) -> IngestError:
    return kind("UNEXPECTED_RESPONSE", _message(answer, what), details=_facts(answer))


def _message(answer: HttpAnswer, what: str) -> str:
    return f"The source answered {answer.route} {what}."


def _facts(answer: HttpAnswer) -> dict[str, Any]:
    return {"route": answer.route, "field": "baseUrl"}
