"""Multipart bodies: what is accepted, what is sent, and how often."""

from __future__ import annotations

import email
import gzip
import io
import os
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specwire.core.multipart import (
    FilePart,
    MultipartBody,
    MultipartError,
    NotRewindable,
    SourceChanged,
)

plain = settings(max_examples=150, deadline=None, derandomize=True, database=None)
Parts = list[tuple[list[str], bytes]]


def split(body: bytes, boundary: str = "b") -> Parts:
    """Header lines and content of each part, by the delimiters alone."""
    delimiter = b"\r\n--" + boundary.encode()
    first, *parts, last = (b"\r\n" + body).split(delimiter)
    assert (first, last) == (b"", b"--\r\n")
    found = []
    for part in parts:
        head, blank, content = part.partition(b"\r\n\r\n")
        assert blank
        found.append((head.decode().removeprefix("\r\n").split("\r\n"), content))
    return found


def only_part(value: Any, name: str = "f") -> tuple[list[str], bytes]:
    (part,) = split(MultipartBody(files=[(name, value)], boundary="b").read())
    return part


class Unseekable(io.BytesIO):
    def seekable(self) -> bool:
        return False

    def seek(self, *_: Any) -> int:
        raise io.UnsupportedOperation("seek")

    def tell(self) -> int:
        raise io.UnsupportedOperation("tell")


def test_the_framing_is_that_of_the_standard() -> None:
    """Delimiter, disposition, blank line, content: byte for byte."""
    body = MultipartBody(
        [("purpose", "test")],
        [("file", ("a.json", b"{}", "application/json", {"X-Part": "1"}))],
        boundary="xyz",
    )
    expected = (
        b'--xyz\r\nContent-Disposition: form-data; name="purpose"\r\n\r\ntest\r\n'
        b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n'
        b"Content-Type: application/json\r\nX-Part: 1\r\n\r\n{}\r\n--xyz--\r\n"
    )
    assert (len(expected), expected) == (body.length, body.read())
    assert body.content_type == "multipart/form-data; boundary=xyz"


def test_an_independent_parser_reads_the_same_parts() -> None:
    """The standard library's mail parser finds every field and file."""
    content = bytes(range(32, 127)) + b"\r\nlast line"
    body = MultipartBody(
        [("a", "1"), ("a", "2")], [("f", ("n.bin", content)), ("g", b"")]
    )
    head = f"Content-Type: {body.content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + body.read())
    found = [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_payload(decode=True),
        )
        for part in message.walk()
        if not part.is_multipart()
    ]
    assert [
        ("a", None, b"1"),
        ("a", None, b"2"),
        ("f", "n.bin", content),
        ("g", "upload", b""),
    ] == found


def test_a_body_without_parts_is_the_closing_delimiter() -> None:
    """No fields and no files is still a readable body."""
    body = MultipartBody(boundary="b")
    assert (body.length, body.read(), body.read()) == (7, b"--b--\r\n", b"")


def test_the_boundary_is_random_unless_given() -> None:
    """Two bodies do not share a boundary that content could be made to hold."""
    assert MultipartBody().content_type != MultipartBody().content_type


@pytest.mark.parametrize("boundary", ["", "a" * 71, "a b", 'a"', "a\r\nX: 1"])
def test_a_boundary_that_would_need_quotes_is_refused(boundary: str) -> None:
    """The content type header is never open to injection."""
    with pytest.raises(ValueError, match="multipart boundary: expected"):
        MultipartBody(boundary=boundary)


ACCEPTED: list[tuple[str, Callable[[Path], Any], str, int | None, bool]] = [
    ("bytes", lambda _: b"abc", "upload", 3, True),
    ("bytearray", lambda _: bytearray(b"abc"), "upload", 3, True),
    ("memoryview", lambda _: memoryview(b"abc"), "upload", 3, True),
    ("path", lambda path: path, "abc.txt", 3, True),
    ("file in memory", lambda _: io.BytesIO(b"abc"), "upload", 3, True),
    ("unseekable file", lambda _: Unseekable(b"abc"), "upload", None, False),
    ("list of bytes", lambda _: [b"a", b"", b"bc"], "upload", None, True),
    ("generator", lambda _: (c for c in (b"a", b"", b"bc")), "upload", None, False),
    ("name, bytes", lambda _: ("n.txt", b"abc"), "n.txt", 3, True),
    ("name, path", lambda path: ("dir/n.txt", path), "dir/n.txt", 3, True),
    ("name, iterator", lambda _: ("n", iter([b"abc"])), "n", None, False),
    ("name, file, type", lambda _: ("n", io.BytesIO(b"abc"), "a/b"), "n", 3, True),
]


@pytest.mark.parametrize(
    ("make", "filename", "length", "rewindable"),
    [pytest.param(*rest, id=label) for label, *rest in ACCEPTED],
)
def test_every_form_of_file_is_accepted(
    tmp_path: Path,
    make: Callable[[Path], Any],
    filename: str,
    length: int | None,
    rewindable: bool,
) -> None:
    """Each form gives its content, a name, its length if known, and can it again."""
    path = tmp_path / "abc.txt"
    path.write_bytes(b"abc")
    body = MultipartBody(files=[("f", make(path))], boundary="b")
    assert rewindable == body.rewindable
    whole = body.read()
    assert (None if length is None else len(whole)) == body.length
    ((head, content),) = split(whole)
    disposition = f'Content-Disposition: form-data; name="f"; filename="{filename}"'
    assert (disposition, b"abc") == (head[0], content)


def test_an_open_file_is_sent_from_where_it_stands(tmp_path: Path) -> None:
    """Its base name is the file name; it is left open."""
    path = tmp_path / "data.json"
    path.write_bytes(b"skip{}")
    with path.open("rb") as file:
        file.seek(4)
        body = MultipartBody(files=[("f", file)], boundary="b")
        whole = body.read()
        assert len(whole) == body.length
        body.close()
        assert not file.closed
    assert split(whole)[0] == (
        [
            'Content-Disposition: form-data; name="f"; filename="data.json"',
            "Content-Type: application/json",
        ],
        b"{}",
    )


def test_a_file_without_a_usable_name_is_called_upload() -> None:
    """A descriptor's number or "<fdopen>" is no file name."""
    with tempfile.TemporaryFile() as file:
        assert FilePart.of(file, name="f").filename == "upload"
    named = io.BytesIO()
    named.name = "<stdin>"
    assert FilePart.of(named, name="f").filename == "upload"


def test_a_spooled_file_has_a_length() -> None:
    """A file that moves from memory to disk is a file like any other."""
    with tempfile.SpooledTemporaryFile(max_size=2) as file:
        file.write(b"abc")
        file.seek(1)
        body = MultipartBody(files=[("f", file)], boundary="b")
        whole = body.read()
        assert (len(whole), b"bc") == (body.length, split(whole)[0][1])


def test_a_pipe_is_sent_with_unknown_length_and_once() -> None:
    """What was read from a pipe is gone, so no second attempt is offered."""
    reader, writer = os.pipe()
    os.write(writer, b"abc")
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        body = MultipartBody(files=[("f", file)], boundary="b")
        assert (body.length, body.rewindable) == (None, False)
        assert split(body.read())[0][1] == b"abc"


def test_a_file_that_cannot_tell_its_end_can_still_be_rewound(tmp_path: Path) -> None:
    """A gzip reader has no length but goes back to its start."""
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"abc" * 1000))
    with gzip.open(path, "rb") as file:
        body = MultipartBody(files=[("f", ("a", file))], boundary="b")
        assert body.rewindable
        first = body.read()
        body.rewind()
        assert split(first)[0][1] == b"abc" * 1000
        assert first == body.read()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("report.pdf", r"multipart field 'f': .*got a str; use pathlib\.Path"),
        (("n", "text"), "got a str"),
        (io.StringIO("x"), "text mode; open it with mode 'rb'"),
        (7, "got int"),
        (None, "got NoneType"),
        ({"a": b"b"}, "got dict"),
        ((b"a",), "got 1 items"),
        (("n", b"", None, {}, 5), "got 5 items"),
        ((b"n", b""), "filename to be a str or None, got bytes"),
        (("n", b"", b"a/b"), "content type to be a str or None, got bytes"),
        (("n", b"", None, [("a", "b")]), "headers to be a Mapping or None, got list"),
    ],
)
def test_what_is_no_file_is_refused_with_the_way_out(value: Any, message: str) -> None:
    """The error names the field, what came and what to do, before anything is sent."""
    with pytest.raises(TypeError, match=message):
        MultipartBody(files=[("f", value)])


def test_a_file_opened_as_text_is_refused(tmp_path: Path) -> None:
    """So is a temporary file behind its wrapper."""
    path = tmp_path / "a.txt"
    path.touch()
    with (
        path.open() as text,
        tempfile.NamedTemporaryFile("w+") as wrapped,
        tempfile.SpooledTemporaryFile(mode="w+") as spooled,
    ):
        for file in (text, wrapped, spooled):
            with pytest.raises(TypeError, match="mode 'rb'"):
                FilePart.of(file, name="f")  # type: ignore[arg-type]


def test_text_fields_are_text() -> None:
    """Bytes in a text field are a mistake that is told."""
    with pytest.raises(TypeError, match="expected a str, got bytes"):
        MultipartBody([("a", b"x")])  # type: ignore[list-item]


def test_iterables_must_give_bytes() -> None:
    """A str from a generator is refused when it comes."""
    body = MultipartBody(files=[("f", iter(["x"]))])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="'f': expected the content to be bytes"):
        body.read()
    with pytest.raises(ValueError, match="rewind"):
        body.read()


def test_a_missing_path_and_a_folder_are_told_at_once(tmp_path: Path) -> None:
    """Neither waits for the body to be sent."""
    with pytest.raises(FileNotFoundError):
        MultipartBody(files=[("f", tmp_path / "missing")])
    with pytest.raises(IsADirectoryError):
        MultipartBody(files=[("f", tmp_path)])


def test_a_closed_file_is_refused() -> None:
    """It would look empty."""
    file = io.BytesIO(b"x")
    file.close()
    with pytest.raises(ValueError, match="'f': expected an open file"):
        MultipartBody(files=[("f", file)])


@pytest.mark.parametrize("bad", ["a\r\nX: 1", "a\nb", "a\rb", "a\0b"])
def test_names_cannot_inject_headers(bad: str) -> None:
    """CR, LF and NUL are refused wherever text becomes a header."""
    attempts: list[Callable[[], Any]] = [
        lambda: MultipartBody([(bad, "x")]),
        lambda: MultipartBody(files=[(bad, b"x")]),
        lambda: MultipartBody(files=[("f", (bad, b"x"))]),
        lambda: MultipartBody(files=[("f", ("n", b"x", bad))]),
        lambda: MultipartBody(files=[("f", ("n", b"x", None, {"X-A": bad}))]),
        lambda: MultipartBody(files=[("f", ("n", b"x", None, {bad: "v"}))]),
    ]
    for attempt in attempts:
        with pytest.raises(ValueError, match=r"no CR, LF or NUL|a header named"):
            attempt()


def test_quotes_are_percent_encoded_and_other_letters_are_utf8() -> None:
    """Names look as a browser would send them."""
    body = MultipartBody([('a"b', "1")], [("ф", ('é"\\.txt', b""))], boundary="b")
    field, file = split(body.read())
    assert field[0][0] == 'Content-Disposition: form-data; name="a%22b"'
    expected = 'Content-Disposition: form-data; name="ф"; filename="é%22\\.txt"'
    assert expected == file[0][0]


def test_a_file_name_that_is_not_unicode_is_sent_with_question_marks() -> None:
    """A name from an old file system does not stop an upload."""
    head, _ = only_part((os.fsdecode(b"a\xff.txt"), b""))
    assert head[0].endswith('filename="a?.txt"')


def test_no_file_name_is_sent_for_none() -> None:
    """A typed part without a file name, as JSON fields of a form are."""
    head, _ = only_part((None, b"{}", "application/json"))
    assert head == [
        'Content-Disposition: form-data; name="f"',
        "Content-Type: application/json",
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (("a.json", b""), "application/json"),
        (("a.pdf", b""), "application/pdf"),
        (("a.no-such-type", b""), "application/octet-stream"),
        (b"", "application/octet-stream"),
        (("a.json", b"", "text/x"), "text/x"),
        (("a.json", b"", None, {"content-TYPE": "text/y"}), "text/y"),
    ],
)
def test_the_content_type_is_given_or_guessed(value: Any, expected: str) -> None:
    """What the caller says wins over the file name's ending."""
    assert expected == FilePart.of(value, name="f").content_type


def test_a_content_type_given_twice_is_refused() -> None:
    """One of the two would be dropped in silence."""
    with pytest.raises(ValueError, match="given twice"):
        FilePart.of(("n", b"", "a/b", {"Content-Type": "c/d"}), name="f")


@pytest.mark.parametrize("name", ["Content-Disposition", "a b", "", "x:"])
def test_part_headers_are_names_a_part_can_have(name: str) -> None:
    """The disposition is ours; other headers are tokens."""
    with pytest.raises(ValueError, match="cannot have a header named"):
        FilePart.of(("n", b"", None, {name: "v"}), name="f")


@pytest.mark.parametrize("size", [1, 7, 65536])
def test_any_read_size_gives_the_same_body(tmp_path: Path, size: int) -> None:
    """Reads are full until the end, then empty."""
    path = tmp_path / "a"
    path.write_bytes(os.urandom(5000))
    files: list[tuple[str, Any]] = [
        ("p", path),
        ("u", Unseekable(b"u" * 3000)),
        ("l", [b"l" * 2000, b"m"]),
        ("b", b"b" * 3000),
    ]
    body = MultipartBody([("a", "x")], files, boundary="b")
    blocks = list(iter(lambda: body.read(size), b""))
    assert {size} == {len(block) for block in blocks[:-1]} or len(blocks) == 1
    sent = [content for _, content in split(b"".join(blocks))]
    expected = [path.read_bytes(), b"u" * 3000, b"l" * 2000 + b"m", b"b" * 3000]
    assert [b"x", *expected] == sent


@plain
@given(
    st.lists(st.tuples(st.text("ab é", max_size=3), st.text("x\r\n-b", max_size=9))),
    st.lists(st.lists(st.binary(max_size=9), max_size=4), max_size=3),
    st.integers(1, 40),
)
def test_any_parts_come_back_whole(
    fields: list[tuple[str, str]], files: list[list[bytes]], size: int
) -> None:
    """Known and unknown lengths, read in any size, parse back to what went in."""
    given_files: list[tuple[str, Any]] = [(f"p{i}", f) for i, f in enumerate(files)]
    given_files += [(f"b{i}", b"".join(f)) for i, f in enumerate(files)]
    body = MultipartBody(fields, given_files, boundary="Boundary-0123456789")
    whole = b"".join(iter(lambda: body.read(size), b""))
    contents = [content for _, content in split(whole, "Boundary-0123456789")]
    expected = [value.encode() for _, value in fields]
    expected += [b"".join(f) for f in files] * 2
    assert expected == contents
    assert (None if files else len(whole)) == body.length


def test_memory_stays_constant_for_a_large_file(tmp_path: Path) -> None:
    """Sending 256 MiB holds a few blocks."""
    path = tmp_path / "sparse"
    size = 256 << 20
    with path.open("wb") as file:
        file.truncate(size)
    body = MultipartBody(files=[("f", path)])
    tracemalloc.start()
    try:
        sent = sum(len(block) for block in body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (body.length, True) == (sent, peak < 1 << 20)


def test_a_body_can_be_read_again_after_rewind(tmp_path: Path) -> None:
    """A second attempt sends the same bytes, from a half-sent body too."""
    path = tmp_path / "a"
    path.write_bytes(b"path" * 100)
    file = io.BytesIO(b"skip" + b"file" * 100)
    file.seek(4)
    files: list[tuple[str, Any]] = [("p", path), ("f", file), ("l", [b"a", b"b"])]
    body = MultipartBody([("a", "x")], files)
    whole = body.read()
    for read in (0, 10, 300, 900, len(whole)):
        body.rewind()
        body.read(read)
        body.rewind()
        assert whole == body.read()


def test_what_was_read_and_is_gone_cannot_be_rewound() -> None:
    """The error names the field; nothing half is ever sent again."""
    once: Iterator[bytes] = iter([b"abc"])
    for value in (once, Unseekable(b"abc")):
        body = MultipartBody(files=[("f", value)])
        body.rewind()
        body.read(1)
        with pytest.raises(NotRewindable, match="multipart field 'f'"):
            body.rewind()


def test_a_path_is_open_only_while_it_is_sent(tmp_path: Path) -> None:
    """Closing half-way closes it; the body then asks to be rewound."""
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100_000)
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("open descriptors are counted in /proc")

    def opened() -> int:
        return sum(os.path.realpath(fd) == str(path) for fd in descriptors.iterdir())

    body = MultipartBody(files=[("a", path), ("b", path)])
    counts = [opened()]
    body.read(1000)
    counts.append(opened())
    body.read(150_000)
    counts.append(opened())
    body.close()
    counts.append(opened())
    assert counts == [0, 1, 1, 0]
    with pytest.raises(ValueError, match="rewind"):
        body.read(1)


@pytest.mark.parametrize("size", [50, 99, 101, 200_000])
def test_a_file_that_changes_size_is_not_sent_in_silence(
    tmp_path: Path, size: int
) -> None:
    """Grown or shrunk, the body ends in an error and not in another length."""
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100)
    file = io.BytesIO(b"x" * 100)
    bodies = [MultipartBody(files=[("f", source)]) for source in (path, file)]
    path.write_bytes(b"y" * size)
    file.truncate(min(size, 100))
    file.seek(100)
    file.write(b"y" * max(size - 100, 0))
    file.seek(0)
    for body in bodies:
        with pytest.raises(SourceChanged, match="'f': expected 100 bytes"):
            list(body)


def test_a_file_that_cannot_be_read_is_no_network_fault(tmp_path: Path) -> None:
    """HTTP libraries take an OSError for a broken connection, so it is none."""
    path = tmp_path / "a"
    path.write_bytes(b"x")
    body = MultipartBody(files=[("f", path)])
    path.unlink()
    with pytest.raises(MultipartError, match="'f': its content could not be read") as e:
        body.read()
    assert isinstance(e.value.__cause__, FileNotFoundError)
    assert not isinstance(e.value, OSError)
