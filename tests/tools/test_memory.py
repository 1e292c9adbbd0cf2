"""The memory tool: its commands, and that no path leaves its folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from specwire.tools import LocalMemory, ToolError, ToolInputError

from ..scripted import serving
from .replies import WANT, asking, call, replied, text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.fixture
def memory(folder: Path) -> LocalMemory:
    return LocalMemory(folder, max_file_bytes=1_000)


def do(
    memory: LocalMemory, command: str, path: str = "/memories/a.md", **more: Any
) -> str:
    return memory.call({"command": command, "path": path, **more})


def test_a_note_is_written_read_changed_and_removed(
    memory: LocalMemory, folder: Path
) -> None:
    """The six commands do what the API says of them."""
    do(memory, "create", file_text="one\ntwo\n")
    assert do(memory, "view").splitlines()[1:] == [
        "     1\tone",
        "     2\ttwo",
        "     3\t",
    ]
    do(memory, "str_replace", old_str="two", new_str="zwei")
    do(memory, "insert", insert_line=1, insert_text="between")
    assert (folder / "a.md").read_text() == "one\nbetween\nzwei\n"
    assert do(memory, "view", view_range=[2, 2]).splitlines()[1:] == ["     2\tbetween"]
    memory.call(
        {
            "command": "rename",
            "old_path": "/memories/a.md",
            "new_path": "/memories/b/c.md",
        }
    )
    assert (folder / "b/c.md").exists()
    do(memory, "delete", "/memories/b")
    assert list(folder.iterdir()) == []
    assert "empty" in do(memory, "view", "/memories")


def test_a_folder_is_listed_two_levels_deep(memory: LocalMemory) -> None:
    """Sizes and paths, folders first level and second, hidden files left out."""
    do(memory, "create", "/memories/a/b/c.md", file_text="x")
    do(memory, "create", "/memories/a/n.md", file_text="xyz")
    do(memory, "create", "/memories/.hidden", file_text="x")
    assert do(memory, "view", "/memories").splitlines()[1:] == [
        "-\t/memories/a/",
        "-\t/memories/a/b/",
        "3\t/memories/a/n.md",
    ]


OUTSIDE = [
    "/memories/../secret",
    "/memories/a/../../secret",
    "/memories/..",
    "/memories/./a",
    "/memories/...",
    "/memories/.. /secret",
    "/memories/%2e%2e/secret",
    "/memories/%2E%2E%2Fsecret",
    "/memories/..%2fsecret",
    "/memories/%252e%252e/secret",
    "/memories/..\\secret",
    "/memories/a\\..\\..\\secret",
    "/memories/a\x00b",
    "/memories/a\nb",
    "/memories/C:secret",
    "/memories/\ud800",
    "/memoriesx/secret",
    "/etc/passwd",
    "memories/a",
    "~/a",
    "",
    "/",
    "//memories/a",
    "file:///memories/a",
    "/memories/" + "n" * 300,
    "/memories/" + "d/" * 300 + "a",
]


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize("command", ["view", "create", "delete", "rename", "insert"])
def test_no_path_leads_out(
    memory: LocalMemory, folder: Path, command: str, path: str
) -> None:
    """Each command refuses such a path; nothing outside is read or made."""
    (folder.parent / "secret").write_text("secret")
    before = sorted(folder.parent.rglob("*"))
    more: dict[str, Any] = {
        "create": {"file_text": "x"},
        "insert": {"insert_line": 0, "insert_text": "x"},
    }.get(command, {})
    arguments: dict[str, Any] = {"path": path, **more}
    if command == "rename":
        do(memory, "create", file_text="x")
        before = sorted(folder.parent.rglob("*"))
        arguments = {"old_path": "/memories/a.md", "new_path": path}
    with pytest.raises(ToolError):
        memory.call({"command": command, **arguments})
    assert sorted(folder.parent.rglob("*")) == before
    assert (folder.parent / "secret").read_text() == "secret"


def test_links_are_not_followed(memory: LocalMemory, folder: Path) -> None:
    """A link in the folder is neither read, written, listed nor gone through."""
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (folder / "dir").symlink_to(outside)
    (folder / "file").symlink_to(outside / "secret")
    (folder / "gone").symlink_to(outside / "new")
    for path in ("dir", "dir/secret", "file", "gone", "dir/new"):
        for command, more in (
            ("view", {}),
            ("create", {"file_text": "x"}),
            ("str_replace", {"old_str": "secret", "new_str": "x"}),
            ("delete", {}),
        ):
            with pytest.raises(ToolError, match="link"):
                do(memory, command, f"/memories/{path}", **more)
    assert "empty" in do(memory, "view", "/memories")
    assert [p.name for p in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_text() == "secret"


def test_deleting_a_folder_keeps_what_links_in_it_lead_to(
    memory: LocalMemory, folder: Path
) -> None:
    """A link below a deleted folder goes; what it leads to stays."""
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    do(memory, "create", "/memories/d/a", file_text="x")
    (folder / "d/link").symlink_to(outside)
    do(memory, "delete", "/memories/d")
    assert (outside / "kept").exists()
    assert list(folder.iterdir()) == []


def test_only_regular_files_are_opened(memory: LocalMemory, folder: Path) -> None:
    """A pipe does not make the tool wait for a writer."""
    os.mkfifo(folder / "pipe")
    with pytest.raises(ToolError, match="not a file"):
        do(memory, "view", "/memories/pipe")


def test_large_and_binary_files_are_refused(memory: LocalMemory, folder: Path) -> None:
    """What is over the limit is neither written nor read; nor is what is no text."""
    with pytest.raises(ToolError, match="more than 1000"):
        do(memory, "create", file_text="x" * 1_001)
    assert list(folder.iterdir()) == []
    do(memory, "create", file_text="x" * 999)
    with pytest.raises(ToolError, match="more than 1000"):
        do(memory, "insert", insert_line=0, insert_text="xx")
    assert (folder / "a.md").stat().st_size == 999
    with open(folder / "huge", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ToolError, match="larger than 1000"):
        do(memory, "view", "/memories/huge")
    (folder / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ToolError, match="UTF-8"):
        do(memory, "view", "/memories/binary")


def test_the_number_of_files_has_a_limit(folder: Path) -> None:
    """A model that goes on writing files is told to stop."""
    memory = LocalMemory(folder, max_files=1)
    do(memory, "create", file_text="x")
    with pytest.raises(ToolError, match="1 files already"):
        do(memory, "create", "/memories/b", file_text="x")


@pytest.mark.parametrize(
    ("command", "more", "told"),
    [
        ("create", {"file_text": ""}, "exists"),
        ("str_replace", {"old_str": "none", "new_str": ""}, "nowhere"),
        ("str_replace", {"old_str": "a", "new_str": ""}, "2 times, on lines 1, 2"),
        ("str_replace", {"old_str": "", "new_str": "x"}, "empty"),
        ("insert", {"insert_line": 9, "insert_text": ""}, "has 2 lines"),
        ("view", {"view_range": [3, 9]}, "view_range"),
        ("view", {"path": "/memories/none"}, "does not exist"),
        ("delete", {"path": "/memories"}, "cannot be deleted"),
    ],
)
def test_what_cannot_be_done_is_told(
    memory: LocalMemory, folder: Path, command: str, more: Any, told: str
) -> None:
    """The model is told why, and nothing has changed."""
    do(memory, "create", file_text="a\na")
    with pytest.raises(ToolError, match=told):
        memory.call({"command": command, "path": "/memories/a.md", **more})
    assert (folder / "a.md").read_text() == "a\na"


@pytest.mark.parametrize(
    "input",
    [None, {}, {"command": "chmod"}, {"command": "view"}, {"command": "__init__"}],
)
def test_a_command_that_is_none_is_refused(memory: LocalMemory, input: Any) -> None:
    """Only the six commands, with their arguments."""
    with pytest.raises(ToolInputError):
        memory.call(input)


def test_nothing_is_renamed_over_or_into_itself(
    memory: LocalMemory, folder: Path
) -> None:
    """A rename overwrites nothing."""
    do(memory, "create", "/memories/a/x", file_text="x")
    do(memory, "create", "/memories/b", file_text="b")
    for old, new in (("a", "b"), ("a", "a/c"), ("none", "c")):
        with pytest.raises(ToolError):
            memory.call(
                {
                    "command": "rename",
                    "old_path": f"/memories/{old}",
                    "new_path": f"/memories/{new}",
                }
            )
    assert (folder / "b").read_text() == "b"


def test_the_runner_sets_its_beta_header(memory: LocalMemory, folder: Path) -> None:
    """The definition and the beta feature are sent; commands run in their order."""
    calls = [
        call("t1", "memory", command="create", path="/memories/a", file_text="x"),
        call("t2", "memory", command="view", path="/memories/a"),
        call("t3", "memory", command="view", path="/memories/../a"),
    ]
    with serving(replied(*calls), replied(text("Noted."))) as server:
        asking(server).beta.messages.tool_runner(**WANT, tools=[memory]).until_done()
    head = server.received[0].headers["anthropic-beta"]
    assert "context-management-2025-06-27" in head.split(",")
    assert server.received[0].json()["tools"] == [
        {"type": "memory_20250818", "name": "memory"}
    ]
    done = server.received[1].json()["messages"][-1]["content"]
    assert [each.get("is_error", False) for each in done] == [False, False, True]
    assert str(folder) not in str(done)
