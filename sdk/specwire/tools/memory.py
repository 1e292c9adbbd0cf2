"""The memory tool: a model keeps notes in files below ``/memories``.

:class:`MemoryTool` reads the model's commands; a subclass keeps the files, as
:class:`~specwire.tools.LocalMemory` does in a folder. Command names and arguments are
the API's (``memory_20250818``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .arguments import checked
from .protocol import ToolInputError

_PATH = {"type": "string"}
_TEXT = {"type": "string"}
_LINES = {
    "type": "array",
    "items": {"type": "integer"},
    "minItems": 2,
    "maxItems": 2,
}
# command -> its arguments; a name with "?" may be left out
_COMMANDS: dict[str, dict[str, Any]] = {
    "view": {"path": _PATH, "view_range?": {"anyOf": [_LINES, {"type": "null"}]}},
    "create": {"path": _PATH, "file_text": _TEXT},
    "str_replace": {"path": _PATH, "old_str": _TEXT, "new_str?": _TEXT},
    "insert": {
        "path": _PATH,
        "insert_line": {"type": "integer", "minimum": 0},
        "insert_text": _TEXT,
    },
    "delete": {"path": _PATH},
    "rename": {"old_path": _PATH, "new_path": _PATH},
}


class MemoryTool:
    """Base of a memory: each command is a method that says what it did, in text.

    A method raises :class:`~specwire.tools.ToolError` to tell the model why not.
    """

    name = "memory"
    betas = ("context-management-2025-06-27",)
    in_order = True

    def __init__(self, *, cache_control: Mapping[str, Any] | None = None) -> None:
        self._cache_control = cache_control

    def to_dict(self) -> dict[str, Any]:
        """The definition, as it stands in a request's ``tools``."""
        definition: dict[str, Any] = {"type": "memory_20250818", "name": self.name}
        if self._cache_control is not None:
            definition["cache_control"] = self._cache_control
        return definition

    def call(self, input: Any) -> str:
        """Run the command that ``input`` describes.

        :raises ToolInputError: where it is none, or lacks an argument.
        """
        command = input.get("command") if isinstance(input, Mapping) else None
        arguments = _COMMANDS.get(command) if isinstance(command, str) else None
        if arguments is None or not isinstance(input, Mapping):
            known = ", ".join(_COMMANDS)
            raise ToolInputError(f"memory: expected command to be one of {known}")
        given = {name: value for name, value in input.items() if name != "command"}
        schema = {
            "type": "object",
            "properties": {name.rstrip("?"): kind for name, kind in arguments.items()},
            "required": [name for name in arguments if name[-1] != "?"],
        }
        values = checked(f"memory {command}", schema, given)
        known_values = {k: v for k, v in values.items() if k in schema["properties"]}
        result: str = getattr(self, str(command))(**known_values)
        return result

    def view(self, path: str, view_range: list[int] | None = None) -> str:
        """A folder's entries, or a file's text with line numbers.

        :param view_range: first and last line, from 1; -1 is the end of the file.
        """
        raise NotImplementedError

    def create(self, path: str, file_text: str) -> str:
        """Write a new file."""
        raise NotImplementedError

    def str_replace(self, path: str, old_str: str, new_str: str = "") -> str:
        """Replace the one place where ``old_str`` stands."""
        raise NotImplementedError

    def insert(self, path: str, insert_line: int, insert_text: str) -> str:
        """Put text behind line ``insert_line``; 0 is before the first."""
        raise NotImplementedError

    def delete(self, path: str) -> str:
        """Remove a file, or a folder with all that is in it."""
        raise NotImplementedError

    def rename(self, old_path: str, new_path: str) -> str:
        """Move a file or folder; nothing is overwritten."""
        raise NotImplementedError
