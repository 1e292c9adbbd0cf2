"""Every public name, member, option, error, extra, command and flag is documented.

A name counts where the reference is made from a docstring of its own that says
something; an option where that docstring or a page tells what it does.
"""

from __future__ import annotations

import argparse
import enum
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

import specwire
from specwire import cli, errors
from specwire.chat.manifest import Manifest
from specwire.core.extras import EXTRAS
from specwire.core.resource import child
from tests.house.modules import ROOT

from .pages import DOCS

sys.path.insert(0, str(DOCS / "_ext"))
reference: Any = import_module("reference")
command_page: Any = import_module("command_page")
sys.path.remove(str(DOCS / "_ext"))

TEXT = "\n".join(path.read_text("utf-8") for path in sorted(DOCS.glob("*.md")))
TOLD_ELSEWHERE = ("specwire.compat", "specwire.models", "specwire.resources")
"""Other libraries' names, which the guides to moving here tell of, and what is made
from the services' documents."""
INNER = ("specwire.chat.assembling", "specwire.core", "specwire.aio.faces")
"""Packages that users do not import from."""
MADE_FOR_YOU = {
    *("CallStats", "ChatRequestBuilder", "ChatStream", "Cost", "Plugin", "ToolCall"),
    *("beta_tool", "tool"),
}
"""What calls give, and nobody makes; and a decorator's own function."""


def names(package: str) -> Iterator[tuple[str, Any]]:
    """The public classes and functions of a package."""
    module = import_module(package)
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            yield name, value


def untold(found: Iterator[tuple[str, Any]]) -> list[str]:
    """Names whose own docstring says nothing; what attrs writes says nothing."""
    return [
        name
        for name, value in found
        if len(vars(value).get("__doc__") or value.__doc__ or "") < 15
        or (value.__doc__ or "").startswith(f"{name}(")
    ]


def silent(found: Iterator[tuple[str, Any]]) -> list[str]:
    """Methods and properties that no docstring tells of; the reference leaves them out.

    Resources are told by their own classes, async faces by the plain class, and what
    the drop-in modules lend while a program runs by those.
    """
    return [
        f"{name}.{member}"
        for name, value in found
        if inspect.isclass(value)
        for one in [value, *reference.hidden_bases(value)]
        for member, its in vars(one).items()
        if not member.startswith("_")
        and (inspect.isroutine(its) or isinstance(its, property))
        and not isinstance(its, child)
        and not inspect.getdoc(getattr(value, member))
        and not is_lent(getattr(value, member))
        and member not in _members_of_the_plain_one(name, value)
    ]


def is_lent(member: Any) -> bool:
    """Whether a drop-in module has put it there."""
    its = member.fget if isinstance(member, property) else member
    return getattr(its, "__module__", "").startswith("specwire.compat.")


def _members_of_the_plain_one(name: str, value: Any) -> set[str]:
    return {
        member
        for one in _plain_ones(name, value)
        for member in [*vars(one), *re.findall(r"self\.(\w+)\b", _source(one))]
    }


def _source(value: Any) -> str:
    try:
        return inspect.getsource(value)
    except TypeError:  # a named tuple has none
        return ""


def options(value: Any) -> list[str]:
    """The parameters that a user may give or leave; those of values are members."""
    if inspect.isclass(value) and (
        issubclass(value, (enum.Enum, tuple))
        or hasattr(value, "__attrs_attrs__")
        or hasattr(value, "__dataclass_fields__")
    ):
        return []
    try:
        parameters = inspect.signature(value).parameters.values()
    except ValueError:
        return []
    return [
        p.name
        for p in parameters
        if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)
        and (p.default is not p.empty or p.kind is p.KEYWORD_ONLY)
        and not p.name.startswith("_")
    ]


def unexplained(found: Iterator[tuple[str, Any]]) -> list[str]:
    """Options that neither a docstring of the class or its bases nor a page names."""
    return [
        f"{name}({option}=)"
        for name, value in found
        if name not in MADE_FOR_YOU
        for option in options(value)
        if not re.search(
            rf"\b{option}\b", _said(value) + _of_the_plain_one(name, value)
        )
        and not re.search(rf"`{option}[=`(]|\b{option}=", TEXT)
    ]


def _of_the_plain_one(name: str, value: Any) -> str:
    """An async face says whose face it is; the options are told there."""
    return "\n".join(_said(one) for one in _plain_ones(name, value))


def _plain_ones(name: str, value: Any) -> list[Any]:
    """What an async face stands for."""
    if not value.__module__.startswith("specwire.aio."):
        return []
    name = name.removeprefix("Async")
    homes = (import_module(home) for home in reference.PACKAGES)
    found = (vars(home).get(name) or getattr(home, name, None) for home in homes)
    return [one for one in found if one not in (None, value)]


def _said(value: Any) -> str:
    line = value.__mro__ if inspect.isclass(value) else (value,)
    ours = [c for c in line if c.__module__.startswith("specwire")]
    makers = [vars(c).get("__init__") for c in ours if inspect.isclass(c)]
    return "\n".join(part.__doc__ or "" for part in [*ours, *filter(None, makers)])


@pytest.mark.parametrize("package", reference.PACKAGES)
def test_every_name_and_option_is_told(package: str) -> None:
    """Each public class and function has a docstring, and so has each option."""
    pytest.importorskip("greenlet") if package == "specwire.aio" else None
    assert untold(names(package)) == []
    assert silent(names(package)) == []
    assert unexplained(names(package)) == []


def test_every_package_has_a_page() -> None:
    """No package with public names is missing from the reference."""
    found = [
        module.name
        for module in pkgutil.walk_packages(specwire.__path__, "specwire.")
        if module.ispkg
        and not module.name.startswith((*TOLD_ELSEWHERE, *INNER, "specwire.testing"))
        and "__all__" in vars(import_module(module.name))
    ]
    assert sorted(set(found) - set(reference.PACKAGES)) == []


def test_what_is_not_told_is_found() -> None:
    """A class and members without docstrings, and an option that nobody explains."""

    class Bare:
        def __init__(self, *, zzz_depth: int = 0) -> None: ...

        def ask(self) -> None: ...

        @property
        def size(self) -> int:
            return 0

    assert untold(iter([("Bare", Bare)])) == ["Bare"]
    assert silent(iter([("Bare", Bare)])) == ["Bare.ask", "Bare.size"]
    assert unexplained(iter([("Bare", Bare)])) == ["Bare(zzz_depth=)"]


def test_every_error_is_told() -> None:
    """Each has a row on the page of errors, and no row is of an error that is not."""
    page = (DOCS / "errors.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))
    assert rows == set(errors.__all__)


@pytest.mark.parametrize("name", sorted(EXTRAS))
def test_every_extra_is_told(name: str) -> None:
    """Each has a row on the page of extras."""
    page = (DOCS / "extras.md").read_text("utf-8")
    assert re.search(rf"^\| `{name}`", page, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(cli.NAMES))
def test_every_command_is_told(name: str) -> None:
    """Each is named on the page of commands, or shown on another one."""
    page = (DOCS / "command.md").read_text("utf-8")
    assert f"`{name}`" in page or f"specwire {name}" in TEXT


VARIABLES = re.compile(
    r'"((?:SPECWIRE|ANTHROPIC|SIM|AI_LIB|AI_PROTOCOL|AWS|CLOUD_ML|MCP|XDG|NO|ALL|HTTPS?'
    r'|REQUESTS|CURL|TIKTOKEN)_[A-Z_]+)"'
)
"""What a variable of the environment looks like where the code names it."""


def test_every_variable_is_told() -> None:
    """Each that the code names has a row on the page of variables."""
    page = (DOCS / "variables.md").read_text("utf-8")
    named = {
        variable
        for path in (ROOT / "sdk").rglob("*.py")
        for variable in VARIABLES.findall(path.read_text("utf-8"))
    }
    assert "SPECWIRE_LEDGER" in named
    assert sorted(name for name in named if f"`{name}`" not in page) == []


def test_the_variables_of_providers_are_those_of_their_manifests() -> None:
    """Keys and addresses, in the order in which they are looked at."""
    page = (DOCS / "variables.md").read_text("utf-8")
    told = {
        id: (re.findall(r"`(\w+)`", keys), re.findall(r"`(\w+)`", addresses))
        for id, keys, addresses in re.findall(
            r"(?m)^\| ([a-z]+) \| (.*) \| (.*) \|$", page
        )
        if id not in ("provider", "variable")
    }
    assert told == {each.id: variables_of(each.data) for each in manifests()}


def manifests() -> list[Manifest]:
    """Those that come with the package."""
    folder = ROOT / "sdk/specwire/providers"
    return [
        Manifest.builtin(path.stem)
        for path in sorted(folder.glob("[a-z]*.json"))
        if path.stem != "index"
    ]


def variables_of(record: Any) -> tuple[list[str], list[str]]:
    auth = record.get("auth") or {}
    keys = [*auth.get("env", []), *auth.get("conventional", [])]
    named = record.get("base_url_env") or []
    addresses = [named] if isinstance(named, str) else [*named]
    return list(dict.fromkeys(keys)), addresses or [f"{record['id'].upper()}_BASE_URL"]


def speechless(parser: argparse.ArgumentParser) -> list[str]:
    """Flags and places of a command of which its help says nothing."""
    return [
        "/".join(action.option_strings) or action.dest
        for action in parser._actions
        if not action.help and not isinstance(action, argparse._SubParsersAction)
    ]


def test_every_flag_is_told() -> None:
    """The help of each command says what each of its words is for; so the page does."""
    untold = {name: speechless(each) for name, each in command_page.parsers()}
    assert {name: flags for name, flags in untold.items() if flags} == {}
    assert {name.split()[1] for name in untold} == cli.NAMES - set(cli._OTHER_NAMES)
    page = command_page.page()
    assert [name for name in untold if f"\n{name}\n" not in page] == []


def test_a_flag_that_is_not_told_is_found() -> None:
    """An option and a place without help."""
    parser = argparse.ArgumentParser()
    parser.add_argument("where")
    parser.add_argument("-z", "--zzz")
    assert speechless(parser) == ["where", "-z/--zzz"]


def test_every_page_is_led_to() -> None:
    """Each page stands in the contents, once, and each entry is a page."""
    index = (DOCS / "index.md").read_text("utf-8")
    trees = re.findall(r"```\{toctree\}\n(.*?)```", index, re.DOTALL)
    entries = [
        line
        for tree in trees
        for line in tree.splitlines()
        if line and not line.startswith(":") and not line.startswith("reference/")
    ]
    pages = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    assert sorted(entries) == sorted(pages)


def test_the_benchmarks_are_there() -> None:
    """The files whose tables the page takes in."""
    page = (DOCS / "benchmarks.md").read_text("utf-8")
    for path in re.findall(r"\{include\} \.\./(\S+)", page):
        assert (ROOT / path).is_file(), path
