"""Whatever a vendor says, no secret leaves, and no character that does something."""

from __future__ import annotations

import base64
import html
import json
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inlet_sdk import redaction
from inlet_sdk.errors import FatalError, RateLimitedError
from inlet_sdk.http.auth import Credential, auth_headers
from inlet_sdk.http.rate_limit import read_rate_limit
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, SourceWarning
from inlet_sdk.redaction import (
    LONGEST,
    REDACTED,
    guard_values,
    shown,
    shown_tree,
    without_secrets,
)

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
EMAIL = "ann@example.com"
ENCODINGS = {
    "as it is": lambda s: s,
    "in capitals": str.upper,
    "percent": lambda s: quote(s, safe=""),
    "percent, small": lambda s: quote(s, safe="").lower(),
    "form": quote_plus,
    "percent twice": lambda s: quote(quote(s, safe=""), safe=""),
    "every byte percent": lambda s: "".join(f"%{b:02X}" for b in s.encode()),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 for URLs, bare": lambda s: base64.urlsafe_b64encode(s.encode()).decode().rstrip("="),
    "base64 of a pair": lambda s: base64.b64encode(f"{EMAIL}:{s}".encode()).decode(),
    "base64 inside more, by one": lambda s: base64.b64encode(f"a{s}:rest".encode()).decode(),
    "base64 inside more, by two": lambda s: base64.b64encode(f"ab{s}:rest".encode()).decode(),
    "base64 in lines": lambda s: base64.encodebytes(s.encode()).decode(),
    "hex": lambda s: s.encode().hex(),
    "hex, large": lambda s: s.encode().hex().upper(),
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON, all of it": lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
    "JSON of JSON": lambda s: json.dumps(json.dumps(s))[1:-1],
    "HTML": html.escape,
    "HTML numbers": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "HTML numbers in hex": lambda s: "".join(f"&#x{ord(c):X};" for c in s),
    "HTML of JSON": lambda s: html.escape(json.dumps(s)),
    "percent of JSON": lambda s: quote(json.dumps(s), safe=""),
    "percent of base64": lambda s: quote(base64.b64encode(s.encode()), safe=""),
    "base64 of percent": lambda s: base64.b64encode(quote(s, safe="").encode()).decode(),
    "hex of base64": lambda s: base64.b64encode(s.encode()).hex(),
    "controls between": lambda s: "\x1b".join(s),
    "invisible between": lambda s: "\u200b".join(s),
    "turned around": lambda s: f"\u202e{s}\u202c",
    "from its end": lambda s: s[::-1],
    "base32": lambda s: base64.b32encode(s.encode()).decode(),
    "base64 of UTF-16": lambda s: base64.b64encode(s.encode("utf-16-le")).decode(),
    "hex of UTF-16": lambda s: s.encode("utf-16-be").hex(),
    "bytes in hex": lambda s: " ".join(f"0x{b:02x}" for b in s.encode()),
    "bytes in hex, in a list": lambda s: ", ".join(f"{b:02X}" for b in s.encode()),
    "a list of bytes": lambda s: json.dumps(list(s.encode())),
    "octal": lambda s: "".join(f"\\{b:03o}" for b in s.encode()),
    "quoted-printable": lambda s: "".join(f"={b:02X}" for b in s.encode()),
    "braces": lambda s: "".join(f"\\u{{{b:x}}}" for b in s.encode()),
    "old escape()": lambda s: "".join(f"%u{b:04x}" for b in s.encode()),
    "full width": lambda s: "".join(chr(ord(c) + 0xFEE0) for c in s),
    "accents between": lambda s: "\u0301".join(s),
    "in lines of four": lambda s: "\n".join(s[at : at + 4] for at in range(0, len(s), 4)),
    "base64 twice behind many words": lambda s: (
        " ".join(f"neverEndingWord{n}" for n in range(90))
        + base64.b64encode(base64.b64encode(f" {s} ".encode())).decode()
    ),
}
SECRETS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=64
).filter(lambda s: len(set(s)) > 5 and "redacte" not in s)
PATIENTLY = settings(deadline=None, max_examples=60)
AROUND = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def forms_left(text: str, secret: str) -> list[str]:
    """By which names the secret still stands in the text, as whoever knows it would look."""
    return [name for name, encode in ENCODINGS.items() if encode(secret) in text]


@pytest.mark.parametrize("name", ENCODINGS)
@PATIENTLY
@given(secret=SECRETS, before=AROUND, after=AROUND)
def test_no_secret_passes_in_any_encoding(name: str, secret: str, before: str, after: str) -> None:
    redaction.forget_all()
    guard_values([secret, base64.b64encode(f"{EMAIL}:{secret}".encode()).decode()])
    said = f"{before} {ENCODINGS[name](secret)} {after}"
    assume(secret not in f"{before} {after}")
    told = shown(said)
    assert REDACTED in told and not forms_left(told, secret)


@PATIENTLY
@given(
    secret=SECRETS,
    name=st.sampled_from(["as it is", "percent", "base64", "hex", "JSON"]),
    data=st.data(),
)
def test_no_piece_of_eight_passes_wherever_an_answer_was_cut(
    secret: str, name: str, data: st.DataObject
) -> None:
    redaction.forget_all()
    guard_values([secret])
    encoded = ENCODINGS[name](secret)
    at = data.draw(st.integers(0, len(encoded) - 8), "cut before")
    end = data.draw(st.integers(at + 8, len(encoded)), "cut after")
    assume(
        name not in ("base64",) or end - at >= 16
    )  # the last group of base64 depends on what follows
    assert encoded[at:end] not in shown(f"<{encoded[at:end]}>")


@PATIENTLY
@given(st.text())
def test_only_characters_that_are_seen_pass(said: str) -> None:
    told = shown(said)
    assert told.isprintable() and len(told) <= LONGEST
    told.encode()


@pytest.mark.parametrize(
    "said",
    [
        "\x1b[31mred\x1b[0m",
        "a\u202eb",
        "\ud800",
        "one\r\nTWO: 3",
        "\x00",
        "\u2066x\u2069",
        "x\u0085y",
        "\x9b31m",
    ],
)
def test_what_a_terminal_would_obey_is_gone(said: str) -> None:
    assert not set(shown(said)) & set("\x1b\u202e\ud800\r\n\x00\u2066\u2069\u0085\x9b")


def test_a_text_is_cut_after_it_was_redacted() -> None:
    guard_values(["s3cr3t-canary"])
    told = shown("x" * (LONGEST - 6) + "s3cr3t-canary" + "y" * 10**7)
    assert len(told) == LONGEST and "s3c" not in told


@PATIENTLY
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_tree_is_json_that_every_reader_takes(tree: object) -> None:
    orjson.dumps(shown_tree(tree))


def test_a_tree_is_bounded() -> None:
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    assert (
        len(json.dumps(shown_tree({"deep": deep, "wide": ["x" * 10**5] * 10**4, "long": 10**5000})))
        < 10**6
    )


def test_a_member_with_a_secrets_name_is_redacted_whatever_it_holds() -> None:
    tree = {"apiToken": "abc", "nested": [{"Authorization": {"deep": 1}, "field": "credentials.x"}]}
    assert shown_tree(tree) == {
        "apiToken": REDACTED,
        "nested": [{"Authorization": REDACTED, "field": "credentials.x"}],
    }


@pytest.mark.parametrize("said", [1234567890123456, {"n": [1234567890123456]}, 1234567890123456.0])
def test_a_secret_of_digits_does_not_pass_as_a_number(said: object) -> None:
    guard_values(["1234567890123456"])
    assert "456789" not in json.dumps(shown_tree(said)) + json.dumps(without_secrets(said))


def test_rows_are_as_they_are_but_for_secrets() -> None:
    guard_values(["s3cr3t-canary"])
    row = {
        "_raw": "two\nlines\x00" + "x" * 10_000,
        "n": 10**30,
        "on": True,
        "none": None,
        "list": [{"a": 0.5}],
    }
    assert without_secrets(row) == row
    hidden = without_secrets(
        {"a": "x\ns3cr3t-canary", "s3cr3t-canary": [base64.b64encode(b"s3cr3t-canary").decode()]}
    )
    assert hidden == {"a": f"x\n{REDACTED}", REDACTED: [REDACTED]}


def test_words_that_are_no_secret_stay_as_they_are() -> None:
    guard_values(["s3cr3t-canary"])
    said = "The source refused the credentials (401 to GET /rest/api/3/myself). "
    said += "Store valid ones, höchstens morgen."
    assert shown(said) == said


@PATIENTLY
@given(secret=SECRETS, name=st.sampled_from(sorted(ENCODINGS)))
def test_every_way_out_passes_the_door(secret: str, name: str) -> None:
    redaction.forget_all()
    credential = Credential("basic", {"email": EMAIL, "apiToken": secret})
    echoed = ENCODINGS[name](secret)
    limit = read_rate_limit(429, {"RateLimit-Reason": f"jira-quota {echoed}"}, NOW)
    assert limit
    out = [
        FatalError("SOURCE_FORBIDDEN", f"It said {echoed}.").message,
        str(FatalError("SOURCE_FORBIDDEN", f"It said {echoed}.")),
        json.dumps(
            FatalError(
                "X", "Y.", details={"route": f"GET /{echoed}", "why": [{"said": echoed}]}
            ).details
        ),
        str(RateLimitedError(echoed, resume_at=NOW, reason=echoed).reason),
        QuarantinedRecord("1", "RECORD_INVALID", f"It is {echoed}", "{}").reason,
        SourceWarning("X", f"A warning: {echoed}").message,
        limit.reason,
    ]
    assert [forms_left(text, secret) for text in out] == [[]] * len(out)
    assert [auth_headers(credential)["Authorization"][6:] in text for text in out] == [False] * len(
        out
    )
