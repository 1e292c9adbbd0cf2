"""The last check of generated text: it can fail, for each thing it looks for."""

from __future__ import annotations

import pytest

from specwire_codegen.verify import Unverified, findings, verify

GOOD = '''"""Text."""

from __future__ import annotations

import typing as _t

from specwire.core import types as _types

if _t.TYPE_CHECKING:
    import collections.abc as _c


class A(_types.Model):
    """Text."""

    a: str


B: _t.TypeAlias = _t.Annotated[_t.Union[A, str], _types.Tag("x", {"a": A})]
'''


def test_generated_shape_passes() -> None:
    """What the emitters write is fine."""
    verify({"a.py": GOOD, "b.json": "not Python"})


@pytest.mark.parametrize(
    "text",
    [
        "import os\n",
        "from os import path\n",
        "boom()\n",
        "x = eval('1')\n",
        "class A:\n    x = print('1')\n",
        "class A:\n    @boom\n    def f(self): ...\n",
        "def f(x=print('1')): ...\n",
        "x = unknown\n",
        "while True: ...\n",
        "if True:\n    x = 1\n",
        "del x\n",
        "1 + 1\n",
        "x = (\n",
        '"""a""" + boom()\n',
        "try:\n    x = 1\nfinally:\n    pass\n",
        "x: int = open('/etc/passwd')\n",
        "class A(type('B', (), {})): ...\n",
        "async def f(): ...\n",
        "class A:\n    async def f(self, x=print(1)): ...\n",
        "class A:\n    @boom\n    async def f(self): ...\n",
        "_a.add_faces(boom())\n",
        "class A:\n    async def f(self): await unknown\n",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    """Text that would do something on import is a generator error."""
    assert list(findings(text))
    with pytest.raises(Unverified, match=r"a\.py:\d+: generated code is not allowed"):
        verify({"a.py": text})


def test_a_plan_may_allow_modules() -> None:
    """A mixin's module is allowed where a plan names it."""
    text = "from mine.mixins import A as _Mixin0\n"
    assert list(findings(text))
    assert not list(findings(text, allowed=frozenset(["mine.mixins"])))
