"""The forms in which values travel: what programs make of a secret, and how a text is read back."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus

Way = Callable[[str], str]
DEEPEST = 3
"""Encodings inside encodings that are read back."""
MOST_READ = 200_000
"""Characters of all readings of a text. A bound on their number would be used up by a few dozen
ordinary words.
"""
SHORTEST_RUN = 12
_BASE64 = re.compile(rf"[A-Za-z0-9+/_-]{{{SHORTEST_RUN},}}")
_BASE32 = re.compile(rf"[A-Za-z2-7]{{{SHORTEST_RUN},}}")
_HEX = re.compile(rf"[0-9a-fA-F]{{{SHORTEST_RUN},}}")
_BACKSLASH = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,5})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3][0-7]{2})|(.))"
)
_QUOTED_PRINTABLE = re.compile(r"=([0-9a-fA-F]{2})")
_HEX_BYTE = re.compile(r"(?<![0-9A-Za-z])(?:0x)?([0-9a-fA-F]{2})(?![0-9A-Za-z])")
_DECIMAL_BYTE = re.compile(r"(?<![0-9A-Za-z])([0-9]{2,3})(?![0-9A-Za-z])")


def encodings(value: str) -> set[str]:
    """What the usual programs make of the value, wherever it stands in a longer text; combined as
    they are combined.
    """
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
    lambda value: value[::-1],
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
    """What the text says read as an encoding, and what that says, and so on. Never the text
    itself.
    """
    seen, layer, read = {text}, [text], 0

    for _ in range(DEEPEST):
        below: list[str] = []
        for view in layer:
            for found in _read(view):
                if found in seen:
                    continue
                read += len(found)
                if read > MOST_READ:
                    return
                seen.add(found)
                below.append(found)
                yield found

        layer = below


def _read(text: str) -> Iterator[str]:
    yield from _as_letters(text)
    if "%" in text:
        yield unquote(text, errors="replace")
        yield unquote_plus(text, errors="replace")
    if "&" in text:
        yield html.unescape(text)
    if "\\" in text:
        yield _BACKSLASH.sub(_unescaped, text)
    if "%u" in text:
        yield _BACKSLASH.sub(_unescaped, text.replace("%u", "\\u"))
    if "=" in text:
        yield _QUOTED_PRINTABLE.sub(lambda found: chr(int(found[1], 16)), text.replace("= ", ""))

    for raw in _bytes_in(text):
        yield raw.decode(errors="replace")
        if b"\0" in raw:  # UTF-16 or UTF-32 of plain letters
            yield raw.replace(b"\0", b"").decode(errors="replace")


def _as_letters(text: str) -> Iterator[str]:
    """Without what is put between letters or around them: spaces, line ends, accents, other
    widths.
    """
    yield "".join(text.split())
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        yield "".join(c for c in apart if not unicodedata.combining(c))


def _bytes_in(text: str) -> Iterator[bytes]:
    for run in _BASE64.findall(text):
        yield from _from_base64(run)
    for run in _BASE32.findall(text):
        yield from _from_base32(run)
    for run in _HEX.findall(text):
        for start in range(2):
            yield binascii.unhexlify(run[start : start + (len(run) - start) // 2 * 2])
    yield bytes(int(byte, 16) for byte in _HEX_BYTE.findall(text))
    yield bytes(byte for byte in map(int, _DECIMAL_BYTE.findall(text)) if byte < 256)


def _unescaped(found: re.Match[str]) -> str:
    if found[4]:
        return chr(int(found[4], 8))
    code = found[1] or found[2] or found[3]
    return chr(int(code, 16)) if code else found[5]


def _from_base64(run: str) -> Iterator[bytes]:
    plain = run.translate({ord("-"): "+", ord("_"): "/"})
    for start in range(4):
        yield base64.b64decode(plain[start : start + (len(plain) - start) // 4 * 4])


def _from_base32(run: str) -> Iterator[bytes]:
    """The last group may lack what fills it up: as many letters as make whole bytes are read."""
    for start in range(8):
        left = run[start:].upper()
        whole = left[: len(left) - {1: 1, 3: 1, 6: 1}.get(len(left) % 8, 0)]
        yield base64.b32decode(whole + "=" * (-len(whole) % 8))


def _base64_core(raw: bytes, shift: int) -> str:
    """What base64 makes of the value inside a longer text, where its first byte stands at `shift`
    modulo 3.
    """
    text = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
    whole = (shift + len(raw)) // 3 * 4
    return text[(0, 2, 3)[shift] : whole]
