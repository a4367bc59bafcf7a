"""JSON texts as no careful site writes them, for laws that hold of any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

Text = st.SearchStrategy[bytes]

NUMBERS = (
    b"0",
    b"-0",
    b"-0.0",
    b"1.0",
    b"1e3",
    b"0.1",
    b"0.30000000000000004",
    b"0.1000000000000000055511151231257827",
    b"9007199254740993",
    b"9007199254740993.0",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"123456789012345678901234567890",
    b"1e400",
    b"-1e400",
    b"1e-400",
    b"1E5",
)
TEXTS = (
    b'""',
    b'"10"',
    b'"-1.50"',
    b'"1e3"',
    b'"NaN"',
    b'"true"',
    b'" 7 "',
    b'"a\\u0000b"',
    b'"\\ud800"',
    b'"\\ud83d\\ude00 \\u00e9 \xc3\xa9"',
    b'"\\"\\\\\\/\\b\\n"',
)
TIMES = (
    b'"2024-01-31T10:00:00.000+0000"',
    b'"2024-02-30T10:00:00.000+0000"',
    b'"2024-02-29 10:00:00+05:30"',
    b'"2024-01-01t10:00:00z"',
    b'"2024-01-01T10:00Z"',
    b'"2024-01-01T10Z"',
    b'"20240101T100000Z"',
    b'"2024-01-01T10:00:00"',
    b'"2024-01-01T10:00:60Z"',
    b'"2024-01-01T24:00:00Z"',
    b'"2024-01-01T10:00:00,5Z"',
    b'"2024-01-01T10:00:00.1234560Z"',
    b'"2024-01-01T10:00:00.1234567Z"',
    b'"2024-01-01T10:00:00+24:00"',
    b'"2024-01-01T10:00:00+23:59"',
    b'"2024-01-01T10:00:00+05"',
    b'"0000-01-01T00:00:00Z"',
    b'"0001-01-01T00:00:00+14:00"',
    b'"9999-12-31T23:59:59-14:00"',
    b'"9999-12-31T23:59:59.999999Z"',
    b'"2024-01-01T10:00:00Z\\n"',
    b'"2024-01-31"',
    b'"2023-02-29"',
    b'"0999-12-31"',
    b'"2024-1-31"',
    b'"2024-01-31 "',
)
DEEP = b"[" * 1200 + b"]" * 1200


def values(*, broken: bool) -> Text:
    """Any value; with `broken`, also texts that are no JSON that can be read as it is."""
    texts = [text for text in TEXTS if broken or b"\\ud800" not in text]
    plain = st.sampled_from([b"null", b"true", b"false", *NUMBERS, *texts, *TIMES])
    some = st.one_of(
        plain,
        st.integers().map(lambda n: b"%d" % n),
        st.floats(allow_nan=False, allow_infinity=False).map(lambda x: repr(x).encode()),
    )
    scalars = st.one_of(some, st.sampled_from([DEEP, b'"\xff"'])) if broken else some
    return st.recursive(scalars, _nested, max_leaves=6)


def objects(members: Mapping[str, Text], more: Sequence[str], others: Text) -> Text:
    """Objects of some of the members, in any order and number, and of others."""
    named = st.one_of(*(st.tuples(st.just(name), text) for name, text in members.items()))
    foreign = st.tuples(st.sampled_from(list(more)), others)
    return st.lists(st.one_of(named, foreign), max_size=2 * len(members)).map(object_text)


def object_text(members: Sequence[tuple[str, bytes]]) -> bytes:
    """With spaces, and with a name that is written as an escape."""
    pairs = (b"%s : %s" % (_name(name), text) for name, text in members)
    return b"{" + b", ".join(pairs) + b"}"


def _name(name: str) -> bytes:
    escaped = f"\\u{ord(name[0]):04x}{name[1:]}" if len(name) % 5 == 0 else name
    return b'"%s"' % escaped.encode()


def _nested(inner: Text) -> Text:
    lists = st.lists(inner, max_size=3).map(lambda items: b"[" + b",".join(items) + b"]")
    pairs = st.lists(st.tuples(st.sampled_from(["id", "name", "x"]), inner), max_size=3)
    return lists | pairs.map(object_text)
