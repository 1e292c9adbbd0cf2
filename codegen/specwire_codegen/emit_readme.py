"""A user's ``NAME/README.md``: what it is, how to install it, a call, every operation.

Markdown is a third way for text of a document into the output, so it has an escape of
its own here: :func:`md` for running text, :func:`code` for what looks like code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from . import ir
from .lines import Lines
from .names import Names
from .plan import OAUTH, ServicePlan
from .raw import Raw, doc
from .samples import givens, sample_call

_MEANS = re.compile(r"[`*_{}\[\]<>#|~&@:$\\]|(?<=www)\.", re.IGNORECASE)
_BEGINS = re.compile(r"\A(\d*)([-+=.)])(?=[-=]*(?:\s|\Z))")
"""Where a backslash keeps the beginning of a line from being a list or a rule."""
_CODE = re.compile(r"[A-Za-z0-9 /{}._~:@!$&'()*+,;=%-]+\Z")


def md(raw: Raw | None, *, limit: int = 400) -> str:
    """Text of a document as one line of Markdown that is only text.

    Every sign that Markdown or HTML knows is escaped: no link, no tag, no heading.
    """
    text = _MEANS.sub(lambda match: f"\\{match[0]}", doc(raw, limit=limit))
    return _BEGINS.sub(r"\1\\\2", text)


def code(raw: Raw, *, limit: int = 200) -> str:
    """A code span, or escaped text where a span could be broken out of."""
    text = raw.wire
    if len(text) <= limit and _CODE.match(text) and text == text.strip():
        return f"`{text}`"
    return md(raw, limit=limit)


def readme(
    package: str,
    api: ir.Api,
    names: Names,
    settings: Mapping[str, ServicePlan],
    header: Sequence[str],
    *,
    aio: bool = True,
) -> str:
    """The whole file."""
    out = Lines()
    out.add(*(f"<!-- {line.lstrip('# ')} -->" for line in header))
    out.add("", f"# {package}", "")
    version = f", version {md(api.version, limit=40)}" if api.version.wire else ""
    out.add(f"A typed Python client for {md(api.title, limit=80)}{version}.")
    if api.doc:
        out.add("", md(api.doc))
    out.add("", "## Install", "")
    out.add(
        f"Put the folder `{package}` where Python finds it, or into a distribution of",
        "your own. At run time it needs one package:",
        "",
        "```sh",
        "pip install specwire",
        "```",
    )
    if api.operations:
        _first_call(out, package, api, names)
        if aio:
            _awaited(out, package, api, names)
    _variables(out, api, settings)
    _table(out, api.operations, names)
    if api.webhooks is not None:
        _webhooks(out, api.webhooks)
    return out.text()


def _first_call(out: Lines, package: str, api: ir.Api, names: Names) -> None:
    first = api.operations[0]
    made = sample_call("client", first, givens(first, api, names), names)
    nothing = isinstance(first.result, ir.Nothing)
    out.add("", "## Use", "", "```python")
    out.add(f"from {package} import Client", "")
    out.add("with Client() as client:")
    out.statement("" if nothing else "result = ", made, indent=4)
    if not nothing:
        out.add("print(result)", indent=4)
    out.add("```")


def _awaited(out: Lines, package: str, api: ir.Api, names: Names) -> None:
    """The same call in a task."""
    first = api.operations[0]
    made = sample_call("client", first, givens(first, api, names), names)
    nothing = isinstance(first.result, ir.Nothing)
    out.add("", "In tasks, with `pip install 'specwire[async]'`:", "", "```python")
    out.add("import asyncio", "", f"from {package} import AsyncClient", "", "")
    out.add("async def main():")
    out.add("async with AsyncClient() as client:", indent=4)
    out.statement("await " if nothing else "result = await ", made, indent=8)
    if not nothing:
        out.add("print(result)", indent=8)
    out.add("", "", "asyncio.run(main())")
    out.add("```")


def _variables(out: Lines, api: ir.Api, settings: Mapping[str, ServicePlan]) -> None:
    """Which variables are read; their names are the plan's or were made by words."""
    none = ServicePlan()
    rows = []
    for service in api.services:
        found = settings.get(service.id, none)
        if found.base_url_env:
            rows.append((found.base_url_env, "another server than the document's"))
        if found.headers_env:
            rows.append((found.headers_env, "headers of your own, one a line"))
        for scheme in service.schemes if service.keys is None else ():
            told = f"the credential {code(Raw(scheme.id))}"
            rows += [(v, told) for v in (found.env.get(scheme.id),) if v]
            for part in OAUTH if scheme.kind == "oauth2" else ():
                variable = found.env.get(f"{scheme.id}.{part}")
                told = f"the {part.replace('_', ' ')} that its tokens are fetched with"
                rows += [(variable, told)] if variable else []
    if rows:
        out.add("", "| Variable | Holds |", "|---|---|")
        out.add(*(f"| {code(Raw(name))} | {told} |" for name, told in rows))


def _table(out: Lines, operations: Sequence[ir.Operation], names: Names) -> None:
    if not operations:
        return
    out.add("", "## Operations", "", "| Resource | Method | HTTP |", "|---|---|---|")
    for operation in operations:
        method = names.methods[operation.at]
        http = code(Raw(f"{operation.method} {operation.path.wire}"))
        resource = ".".join(method.resource)
        out.add(f"| `client.{resource}` | `{method.name}` | {http} |")


def _webhooks(out: Lines, found: ir.Webhooks) -> None:
    """The bodies that the API sends, by name."""
    out.add("", "## Webhooks", "")
    out.add(
        "`client.webhooks.unwrap(payload, name)` gives a body that the API sent its",
        "type. It checks no signature.",
        "",
    )
    out.add(*(f"- {code(name)}" for name, _ in found.bodies))
