"""Words of the formats that targets read: what their inputs are mostly made of."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[bytes, ...]:
    """Words between blanks, with Python's escapes; ``\\xa4`` is a blank."""
    read = text.encode("ascii").decode("unicode_escape").encode("latin-1")
    return tuple(word.replace(_BLANK, b" ") for word in read.split(b" "))


_BLANK: Final = b"\xa4"
_LONG_NUMBER: Final = b"9" * 5000
WORDS: Final[dict[str, tuple[bytes, ...]]] = {
    "bases": _words(
        r"http https :// : / // @ ? # \\ [::1] host.example 127.0.0.1 :80 %2f \xa4 "
        r"\t v1 .."
    ),
    "chunks": _words(
        r"0\r\n \r\n \n 3\r\nabc\r\n 1;x=y\r\na\r\n A\xa4\n0123456789\n 0\r\n\r\n "
        r"X:\xa4y\r\n -1\r\n 0x1\r\n ffffffff\r\n \xff\xff\xff\xff"
    ),
    "files": (
        *_words(
            r"""a:\xa4 -\xa4 \n \xa4\xa4 &x\xa4 *x <<:\xa4 ?\xa4 { } [ ] " ' | > """
            r"!!int\xa4 !!float\xa4 1e999 ---\n ...\n ~ yes 0o7 \xef\xbb\xbf \\ud800 "
            r':\xa4 , "a": "a":1, # %YAML\xa41.2\n !t\xa4 !!str\xa4 -0'
        ),
        b"0x" + b"f" * 4000,
        _LONG_NUMBER,
    ),
    "heads": (
        *_words(
            r"HTTP/1.1\xa4200\xa4OK\r\n HTTP/1.1\xa4204\r\n HTTP/1.0\xa4200\xa4OK\n "
            r"HTTP/1.1\xa4 HTTP/1.1\xa4103\xa4Early\r\n Content-Length:\xa4 5 \xb2 \n "
            r"Transfer-Encoding:\xa4chunked\r\n Connection:\xa4close\r\n \r\n \r\n\r\n "
            r"X:\xa4y\r\n \xa4folded\r\n X\xa4:\xa4y\r\n \x00 \x85 hello :\xa4"
        ),
        _LONG_NUMBER,
    ),
    "jsonl": _words(r'\n \r\n \r {"a":1} \xa4\xa4 \xe2\x80\xa8 \x0b'),
    "models": _words(
        r'null true 0 -1 1.0 1e999 NaN "" "leaf" "branch" "2024-01-02T03:04:05Z" '
        r'"2024-01-02" "00000000-0000-0000-0000-000000000001" "\\ud800" \xff'
    ),
    "redirects": _words(
        r"/ // http: https: file: host.example @ :80 :0 \\ ? # .. a % [::1] "
        r"127.0.0.1:8080 \t \xa4"
    ),
    "sse": _words(
        r"data:\xa4a data: data event:\xa4x event: id:\xa41 id id:\x00 retry:\xa410 "
        r"retry:\xa4007 retry:x :\xa4c \n \r \r\n \n\n \xef\xbb\xbf \xff \xe2\x82 "
        r"event:\xa4data:\xa4 data:\xa4a\n\n \xa4"
    ),
    "waits": (
        *_words(
            r"\n\x00 \n\x01 \n\x02 1 0 . e - + nan inf "
            r"Wed,\xa421\xa4Oct\xa42015\xa407:28:00\xa4GMT Wed ,\xa4 \xa4 : true -0000 "
            r"+9999 Oct 2015 99 _ \xa0 ( )"
        ),
        b"9" * 400,
    ),
}
