"""The forms in which values travel: what programs make of a secret, and how a text is read back."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus

Way = Callable[[str], str]
DEEPEST = 3
"""Encodings inside encodings that are read back."""
MOST_VIEWS = 200
SHORTEST_RUN = 12
_BASE64 = re.compile(rf"[A-Za-z0-9+/_-]{{{SHORTEST_RUN},}}")
_HEX = re.compile(rf"[0-9a-fA-F]{{{SHORTEST_RUN},}}")
_UNICODE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))")


def encodings(value: str) -> set[str]:
    """What the usual programs make of the value, wherever it stands in a longer text; combined as they are combined."""
    raw = value.encode(errors="replace")
    found = {way(value) for way in WAYS} | {raw.hex(), raw.hex(" "), raw.hex(":")}
    for whole in (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
        found |= {whole, whole.rstrip("=")}
    for shift in range(3):
        core = _base64_core(raw, shift)
        found |= {core, core.translate({ord("+"): "-", ord("/"): "_"}), quote(core, safe="")}
    for form in {way(value) for way in OUTER}:
        found |= {way(form) for way in OUTER}
    return {form for form in found if len(form) >= 6}


def _every_character(pattern: str) -> Way:
    return lambda value: "".join(pattern.format(ord(c)) for c in value)


def _every_byte(value: str) -> str:
    return "".join(f"%{byte:02x}" for byte in value.encode(errors="replace"))


def _json(value: str) -> str:
    return json.dumps(value)[1:-1]


OUTER: tuple[Way, ...] = (
    lambda value: quote(value, safe=""),
    _json,
    html.escape,
)
"""Those that are put around one another."""
WAYS: tuple[Way, ...] = (
    lambda value: value,
    *OUTER,
    quote,
    quote_plus,
    _every_byte,
    lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    lambda value: _json(value).replace("/", "\\/"),
    _every_character("\\u{:04x}"),
    _every_character("&#{};"),
    _every_character("&#x{:x};"),
)


def decodings(text: str) -> Iterator[str]:
    """What the text says read as an encoding, and what that says, and so on. Never the text itself."""
    seen, layer = {text}, [text]
    for _ in range(DEEPEST):
        below: list[str] = []
        for view in layer:
            for found in _read(view):
                if found in seen:
                    continue
                if len(seen) > MOST_VIEWS:
                    return
                seen.add(found)
                below.append(found)
                yield found
        layer = below


def _read(text: str) -> Iterator[str]:
    if "%" in text:
        yield unquote(text, errors="replace")
        yield unquote_plus(text, errors="replace")
    if "&" in text:
        yield html.unescape(text)
    if "\\" in text:
        yield _UNICODE.sub(_unescaped, text)
    for run in _BASE64.findall(text):
        yield from _from_base64(run)
    for run in _HEX.findall(text):
        for start in range(2):
            even = run[start : start + (len(run) - start) // 2 * 2]
            yield binascii.unhexlify(even).decode(errors="replace")


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else found[3]


def _from_base64(run: str) -> Iterator[str]:
    plain = run.translate({ord("-"): "+", ord("_"): "/"})
    for start in range(4):
        quads = plain[start : start + (len(plain) - start) // 4 * 4]
        yield base64.b64decode(quads).decode("utf-8", errors="replace")


def _base64_core(raw: bytes, shift: int) -> str:
    """What base64 makes of the value inside a longer text, where its first byte stands at `shift` modulo 3."""
    text = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
    whole = (shift + len(raw)) // 3 * 4
    return text[(0, 2, 3)[shift] : whole]
