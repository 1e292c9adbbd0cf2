"""Reading files: plain data, or a readable problem; never a traceback, never slow."""

from __future__ import annotations

import builtins
import json
import os
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.positions import Positions, locate
from specwire_codegen.problems import Problems, Unusable
from specwire_codegen.source import Source, display_name, load


def read(
    tmp_path: Path, text: str | bytes, name: str = "a.yaml"
) -> tuple[Source, list[str]]:
    """The source and the rendered problems of one file."""
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    problems = Problems()
    source = load(path, problems, root=tmp_path)
    return source, problems.render(Positions(tmp_path))


def refused(tmp_path: Path, text: str | bytes, name: str = "a.yaml") -> list[str]:
    """The rendered problems of a file that cannot be used."""
    with pytest.raises(Unusable) as caught:
        read(tmp_path, text, name)
    return caught.value.problems.render()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: yes", "yes"),
        ("a: on", "on"),
        ("a: 2024-01-02", "2024-01-02"),
        ("a: 12:30:45", "12:30:45"),
        ("a: true", True),
        ("a: FALSE", False),
        ("a: ~", None),
        ("a:", None),
        ("a: 017", 17),
        ("a: 0o17", 15),
        ("a: 0x1F", 31),
        ("a: 1_000", "1_000"),
        ("a: +1", 1),
        ("a: 1.10", 1.1),
        ("a: .5", 0.5),
        ("a: 1e3", 1000.0),
        ("a: 1.2.3", "1.2.3"),
        ("a: -", [None]),
        ("a: '12'", "12"),
        ("a: !!str 12", "12"),
        ("a: ! 12", "12"),
        ("a: !!int '12'", 12),
        ("a: !!float 12", 12.0),
        ("a: !!null ''", None),
        ("a: |\n  x\n  y\n", "x\ny\n"),
    ],
)
def test_scalars_are_those_of_the_core_schema(
    tmp_path: Path, text: str, expected: Any
) -> None:
    """Words, dates and sexagesimals stay text; numbers are YAML 1.2's."""
    text = text if text != "a: -" else "a:\n  -"
    value = read(tmp_path, text)[0].data["a"]
    assert (expected, type(expected)) == (value, type(value))


@pytest.mark.parametrize("key", ["200", "no", "1.10", "null", "2024-01-02", "true"])
def test_keys_are_text_as_written(tmp_path: Path, key: str) -> None:
    """A status code or a country is a key like any other."""
    assert {key: 1} == read(tmp_path, f"{key}: 1")[0].data


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.json", '{"a": {"b": 1,\n  "b": 2}}'), ("a.yaml", "a:\n  b: 1\n  b: 2\n")],
)
def test_a_key_twice_is_an_error_at_its_line(
    tmp_path: Path, name: str, text: str
) -> None:
    """The second of two equal keys is shown; reading goes on with it."""
    source, lines = read(tmp_path, text, name)
    assert source.data == {"a": {"b": 2}}
    (line,) = lines
    where = "2:3" if name == "a.json" else "3:3"
    assert line.startswith(f"{name}:{where}: error S005 the key 'b'")


def test_aliases_become_copies(tmp_path: Path) -> None:
    """What an alias repeats is a value of its own, safe to change."""
    data = read(tmp_path, "a: &x {k: [1]}\nb: *x\n")[0].data
    assert data["a"] == data["b"]
    assert data["a"]["k"] is not data["b"]["k"]


def test_the_merge_key_fills_in(tmp_path: Path) -> None:
    """``<<`` adds members that the mapping does not have itself."""
    text = "base: &b {x: 1, y: 2}\nmore: &m {z: 3}\nc:\n  <<: [*b, *m]\n  x: 9\n"
    assert read(tmp_path, text)[0].data["c"] == {"x": 9, "y": 2, "z": 3}
    assert read(tmp_path, "'<<': 1")[0].data == {"<<": 1}


def laughs(levels: int) -> str:
    """The well-known bomb: every level repeats the one before nine times."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for n in range(1, levels):
        refs = ", ".join([f"*a{n - 1}"] * 9)
        lines.append(f"a{n}: &a{n} [{refs}]")
    return "\n".join(lines)


def chain(levels: int) -> str:
    """Aliases that nest deeper and deeper without growing wide."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, levels)]
    return "\n".join(lines)


HOSTILE: list[tuple[str, str | bytes, str, str]] = [
    ("bomb", laughs(10), "S006", "expand to more than"),
    ("merge bomb", laughs(10).replace("a9: ", "<<: "), "S006", "expand"),
    ("deep by alias", chain(300), "S007", "nested more than 200"),
    ("inside itself", "a: &a [*a]", "S006", "inside what it refers to"),
    ("unknown alias", "a: *b", "S0", "b"),
    ("deep flow", "[" * 3000 + "]" * 3000, "S007", "nested more than 200"),
    ("deeper flow", "[" * 100_000, "S007", "nested more than 200"),
    ("deep block", "".join(" " * n + "a:\n" for n in range(3000)), "S007", "nested"),
    ("deep mapping", "{a: " * 3000, "S007", "nested more than 200"),
    ("list as key", "? [a]\n: b", "S008", "as a key"),
    ("alias as key", "a: &x [1]\n*x : b", "S008", "as a key"),
    ("two documents", "a: 1\n---\nb: 2\n", "S004", "second document"),
    ("empty", "", "S004", "empty"),
    ("blank", " \n\n", "S004", "empty"),
    ("comment", "# nothing\n", "S004", "only comments"),
    ("NUL", "a: \x00b", "S003", "not YAML"),
    ("escape", 'a: "\\ud800"', "S003", "not YAML"),
    ("tab", "a:\n\tb: 1", "S003", "not YAML"),
    ("latin-1", "a: caf\u00e9".encode("latin-1"), "S002", "not UTF-8"),
    ("open quote", 'a: "b', "S003", "not YAML"),
]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [row[1:] for row in HOSTILE],
    ids=[row[0] for row in HOSTILE],
)
def test_hostile_yaml_is_refused_with_a_reason(
    tmp_path: Path, text: str | bytes, code: str, said: str
) -> None:
    """Bombs, depths, circles and bytes end in one readable line."""
    line = refused(tmp_path, text)[-1]
    assert f"error {code}" in line
    assert said in line


HOSTILE_JSON: list[tuple[str, str | bytes, str, str]] = [
    ("deep", "[" * 3000 + "]" * 3000, "S007", "nested more than 200"),
    ("deeper", '{"a":' * 100_000, "S007", "nested more than 200"),
    ("just too deep", "[" * 202 + "]" * 202, "S007", "nested more than 200"),
    ("cut off", '{"a": ', "S003", "not JSON"),
    ("yaml inside", "a: 1", "S003", "not JSON"),
    ("trailing comma", '{"a": 1,}', "S003", "not JSON"),
    ("raw NUL", '{"a": "\x00"}', "S003", "not JSON"),
    ("half a character", b'{"a": "\xff"}', "S002", "not UTF-8"),
    ("empty", "", "S004", "empty"),
]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [row[1:] for row in HOSTILE_JSON],
    ids=[row[0] for row in HOSTILE_JSON],
)
def test_hostile_json_is_refused_with_a_reason(
    tmp_path: Path, text: str | bytes, code: str, said: str
) -> None:
    """JSON is held to the same limits as YAML."""
    line = refused(tmp_path, text, "a.json")[-1]
    assert f"error {code}" in line
    assert said in line


def test_200_levels_are_read(tmp_path: Path) -> None:
    """The limit is the last depth that works, in both formats."""
    text = "[" * 200 + "]" * 200
    assert read(tmp_path, text, "a.json")[0].data == read(tmp_path, text)[0].data


@pytest.mark.parametrize(
    "tag", ["!custom", "!!python/object:os.system", "!!timestamp", "!!binary", "!!set"]
)
def test_tags_are_errors_and_do_nothing(tmp_path: Path, tag: str) -> None:
    """A tag outside the core schema is reported; the text is kept."""
    source, (line,) = read(tmp_path, f"a: {tag} x")
    assert source.data == {"a": "x"}
    assert line.startswith("a.yaml:1:4: error S008")


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
def test_numbers_that_json_lacks_are_errors(tmp_path: Path, text: str) -> None:
    """What no JSON reader takes back is not let through as a number."""
    source, (line,) = read(tmp_path, f'{{"NaN": "NaN",\n"a": {text}}}', "a.json")
    assert text == source.data["a"]
    assert line.startswith("a.json:2:6: error S009")


@pytest.mark.parametrize("text", [".nan", "-.inf", "1e999", "9" * 5000])
def test_numbers_that_json_lacks_stay_text_in_yaml(tmp_path: Path, text: str) -> None:
    """In YAML they are as likely to be words, so they are read as such."""
    source, (line,) = read(tmp_path, f"a: {text}")
    assert text == source.data["a"]
    assert "warning S009" in line


def test_half_a_surrogate_pair_is_replaced(tmp_path: Path) -> None:
    """What cannot be encoded again would be a traceback later; whole pairs stay."""
    text = '{"a": "x\\ud800", "\\udfff": 1, "b": "\\ud83d\\ude00"}'
    source, lines = read(tmp_path, text, "a.json")
    assert source.data == {"a": "x\ufffd", "\ufffd": 1, "b": "\U0001f600"}
    assert [line.split(": ")[1][:12] for line in lines] == ["warning S010"] * 2
    json.dumps(source.data, ensure_ascii=False).encode()


@pytest.mark.parametrize("name", ["a.json", "a.yaml", "a.txt"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_are_understood(
    tmp_path: Path, name: str, encoding: str
) -> None:
    """A file saved on Windows reads like any other."""
    raw = '{"a": "\u00e9"}'.encode(encoding)
    assert read(tmp_path, raw, name)[0].data == {"a": "\u00e9"}


def test_json_in_a_yaml_file_needs_no_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON is recognised by its first character; only real YAML needs the extra."""
    original = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "yaml":
            raise ImportError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    assert read(tmp_path, '{"a": 1}')[0].data == {"a": 1}
    (line,) = refused(tmp_path, "a: 1")
    assert "error S011" in line
    assert "pip install 'specwire[codegen]'" in line


def test_flow_style_is_not_mistaken_for_json(tmp_path: Path) -> None:
    """A YAML file may start with a brace and still be YAML."""
    assert read(tmp_path, "{a: 1, b: x}")[0].data == {"a": 1, "b": "x"}


def test_files_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    """A missing file, a folder, a pipe and an impossible name are problems too."""
    os.mkfifo(tmp_path / "pipe")
    for name, said in [
        ("none.yaml", "No such file"),
        ("", "a folder"),
        ("pipe", "not a regular file"),
        ("a\x00b", "cannot be read"),
    ]:
        with pytest.raises(Unusable, match=said):
            load(tmp_path / name, Problems(), root=tmp_path)


def test_names_are_relative_to_the_root(tmp_path: Path) -> None:
    """No machine's folders appear in messages; a ``#`` cannot end the name."""
    assert display_name(tmp_path / "x" / "a#b.yaml", root=tmp_path) == "x/a%23b.yaml"
    assert display_name(tmp_path / "a.yaml", root=tmp_path / "x") == "../a.yaml"


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    """The recorded hash can be checked with sha256sum."""
    expected = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert expected == read(tmp_path, "{}")[0].sha256


YAML = "a:\n  b:\n    - x\n    - c: 1\n      d: {e: 2}\n  f: *x\n".replace("*x", "z")
JSON = '{\n "a": {\n  "b": ["x",\n   {"c": 1, "d": {"e": 2}}],\n  "f": "z"}}'


@pytest.mark.parametrize(
    ("pointer", "in_yaml", "in_json"),
    [
        ("", (1, 1), (1, 1)),
        ("/a", (1, 1), (2, 2)),
        ("/a/b/0", (3, 7), (3, 9)),
        ("/a/b/1", (4, 7), (4, 4)),
        ("/a/b/1/d/e", (5, 11), (4, 19)),
        ("/a/f", (6, 3), (5, 3)),
        ("/a/b/1/nothing/there", (4, 7), (4, 4)),
        ("/nothing", (1, 1), (1, 1)),
    ],
)
def test_places_are_found_again(
    tmp_path: Path, pointer: str, in_yaml: object, in_json: object
) -> None:
    """A pointer has the line of its key, or of the nearest parent that exists."""
    for name, text, expected in [("a.yaml", YAML, in_yaml), ("a.json", JSON, in_json)]:
        path = tmp_path / name
        path.write_text(text)
        assert expected == locate(path, pointer)


def test_a_file_that_is_gone_has_no_places(tmp_path: Path) -> None:
    """Showing problems never fails, even when the file was deleted meanwhile."""
    assert Positions(tmp_path)("gone.yaml#/a") is None


def test_a_big_file_is_read_in_time(tmp_path: Path) -> None:
    """Three megabytes of YAML are a matter of a second or two."""
    part = "  k{n}:\n    type: object\n    description: some words, as usual\n"
    text = "a:\n" + "".join(part.replace("{n}", str(n)) for n in range(5000))
    assert len(read(tmp_path, text)[0].data["a"]) == 5000
