"""Signatures as a reader needs them: nothing private, nothing that all share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

OF_EVERY_CALL = {
    "timeout": "seconds for the whole call, retries included, or a "
    ":py:class:`~specwire.Timeout`",
    "max_retries": "how often a failed attempt is repeated, 0 or more",
    "idempotency_key": "what all attempts carry, so that a server does the call once; "
    "by default a key of the call's own",
    "extra_headers": "go over the client's own; None leaves one out",
    "extra_query": "go over the query's members",
    "extra_body": "go over the body's members",
}
"""What every operation takes besides its own arguments."""


def told() -> str:
    """The paragraph that stands in place of the six in each signature."""
    lines = (f"* ``{name}=``: {text}\n" for name, text in OF_EVERY_CALL.items())
    return f"``**options`` are those that every call takes:\n\n{''.join(lines)}\n"


def shorten(app: Sphinx, tree: nodes.document) -> None:
    """Called by Sphinx with each page that it has read."""
    for parameters in tree.findall(addnodes.desc_parameterlist):
        named = {_name(each): each for each in parameters}
        if OF_EVERY_CALL.keys() <= named.keys():
            for name in OF_EVERY_CALL:
                parameters.remove(named[name])
            options = addnodes.desc_parameter()
            options += addnodes.desc_sig_operator("", "**")
            options += addnodes.desc_sig_name("", "options")
            parameters += options
        for name, each in named.items():
            if name.startswith("_"):
                parameters.remove(each)
        for text in [*parameters.findall(nodes.Text)]:
            if text == "_r.UNSET":
                text.parent.replace(text, nodes.Text("UNSET"))


def _name(parameter: nodes.Node) -> str:
    found = next(iter(parameter.findall(addnodes.desc_sig_name)), None)
    return "" if found is None else found.astext()
