"""The plan: read whole, every slip with its line, or made up without a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from specwire_codegen.plan import (
    DerivePlan,
    DocumentPlan,
    Plan,
    ServicePlan,
    read_plan,
)
from specwire_codegen.problems import Problems, Unusable

REPO = Path(__file__).resolve().parents[2]

FULL = """\
[package]
name = "shop"
out = "src/shop"
client = false
bundle = true
[[document]]
file = "shop.yaml"
overlays = ["overlays/shop.yaml"]
service = "shop"
[service.shop]
base_url_env = "SHOP_URL"
headers_env = "SHOP_HEADERS"
headers = { x-version = "1" }
env = { apiKey = "SHOP_KEY" }
[operations]
createOrder = "orders.create"
"odd id" = "a.b.c"
[alias]
"beta.orders" = "orders"
[mixins]
orders = "shop.mixins:Orders"
[[derive]]
name = "orders.stream"
of = "orders.create"
wrap = "shop.mixins:Stream"
also = { shape = "What it is to be." }
[[derive]]
name = "orders.read"
of = "orders.create"
wrap = "shop.mixins:read"
flag = false
gives = "shop.mixins:Read"
streamed = "shop.mixins:Reading"
of_type = "shape"
also = { shape = "What it is to be." }
defaults = { count = 3, tags = [] }
doc = "Read an order."
[docs]
orders = "Buy things."
"""
HEAD = '[package]\nname = "shop"\n[[document]]\nfile = "a.yaml"\n'


def plan(folder: Path, text: str) -> tuple[Plan, list[str]]:
    """The plan and its problems."""
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    problems = Problems()
    return read_plan(path, problems, root=folder), problems.render()


def test_a_full_plan(tmp_path: Path) -> None:
    """Every part becomes a frozen value; paths are joined to the plan's folder."""
    found, said = plan(tmp_path, FULL)
    assert said == []
    overlays = (tmp_path / "overlays/shop.yaml",)
    assert found == Plan(
        package="shop",
        out=tmp_path / "src/shop",
        client=False,
        bundle=True,
        file="plan.toml",
        documents=(DocumentPlan(tmp_path / "shop.yaml", overlays, "shop"),),
        services={
            "shop": ServicePlan(
                "SHOP_URL", "SHOP_HEADERS", {"x-version": "1"}, {"apiKey": "SHOP_KEY"}
            )
        },
        operations={"createOrder": "orders.create", "odd id": "a.b.c"},
        alias={"beta.orders": "orders"},
        mixins={"orders": ("shop.mixins", "Orders")},
        derive=(
            DerivePlan(
                "orders.stream",
                "orders.create",
                ("shop.mixins", "Stream"),
                {"shape": "What it is to be."},
            ),
            DerivePlan(
                "orders.read",
                "orders.create",
                ("shop.mixins", "read"),
                {"shape": "What it is to be."},
                {"count": 3, "tags": ()},
                False,
                ("shop.mixins", "Read"),
                ("shop.mixins", "Reading"),
                "shape",
                "Read an order.",
            ),
        ),
        docs={"orders": "Buy things."},
    )


def test_a_small_plan_has_defaults(tmp_path: Path) -> None:
    """Only the name and a document are needed."""
    found, said = plan(tmp_path, HEAD)
    assert said == []
    assert (tmp_path / "shop", True, False) == (found.out, found.client, found.bundle)
    assert found.documents[0].service == "shop"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            "[packag]\n",
            "5:1: error P002 the plan knows no 'packag' here, did you mean 'package'?",
        ),
        (
            "overlay = []\n",
            "5:1: error P002 the plan knows no 'overlay' here, did you mean 'over",
        ),
        ('overlays = "a"\n', "5:1: error P003 expected a list of texts"),
        ("service = 3\n", "5:1: error P003 expected text, got a number"),
        ('service = "a b"\n', "5:1: error P005 expected one word"),
        ("[[document]]\n", "5:1: error P004 'file' is missing"),
        (
            "[service.shop]\n  env = { a = 1 }\n",
            "6:11: error P003 expected text, got a number",
        ),
        (
            "[service.shp]\n",
            "5:1: error P005 no document has the service 'shp', did you mean 'shop'?",
        ),
        (
            '[operations]\nx = "list"\n',
            "6:1: error P005 expected 'resource.method', got 'list'",
        ),
        (
            '[operations]\nx = "a.import"\n',
            "6:1: error P005 expected 'resource.method'",
        ),
        ('[operations]\nx = "_a.b"\n', "6:1: error P005 expected 'resource.method'"),
        ('[alias]\nx = "y"\n', "6:1: error P005 'x' is not the name of a resource"),
        ('[mixins]\nx = "os.system"\n', "6:1: error P005 expected 'module:Class'"),
        ('[mixins]\nx = "a:b;import os"\n', "6:1: error P005 expected 'module:Class'"),
        ('[[derive]]\nname = "a.b"\nof = "a.c"\n', "5:1: error P004 'wrap' is missing"),
        (
            '[[derive]]\nname = "a.b"\nof = "a.c"\nwrap = "m:C"\nalso = {"1;" = "x"}\n',
            "9:9: error P005 expected a name in lower case",
        ),
        (
            '[[derive]]\nname="a.b"\nof="a.c"\nwrap="m:C"\nof_type="x"\n',
            "9:1: error P005 expected one of 'also'",
        ),
        (
            '[[derive]]\nname="a.b"\nof="a.c"\nwrap="m:C"\ngives="no"\n',
            "9:1: error P005 expected 'module:Class', got 'no'",
        ),
        (
            '[[derive]]\nname="a.b"\nof="a.c"\nwrap="m:C"\ndefaults={a=[1]}\n',
            "9:11: error P003 expected text, a number or [], got a list that is not",
        ),
        ("[derive]\n", "5:1: error P003 expected [[derive]], got a table"),
        (
            "[docs]\nx = 1979-05-27\n",
            "6:1: error P003 expected text, got a date or time",
        ),
        ("docs = 1\n", "5:1: error P002"),
    ],
)
def test_slips_have_a_line_and_a_hint(tmp_path: Path, more: str, expected: str) -> None:
    """One slip is one problem, at its own line, and the rest is read."""
    found, (line,) = plan(tmp_path, HEAD + more)
    assert line.startswith(f"plan.toml:{expected}")
    assert found.package == "shop"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[package]\nname = ]", "plan.toml:2:8: error P001"),
        ("[package", "plan.toml: error P001"),
        ("", "error P004 'name' is missing"),
        ("[package]\nname = 1", "plan.toml:2:1: error P003"),
        ("[package]\nname = 'import'", "plan.toml:2:1: error P005"),
        ("[package]\nname = '../x'", "plan.toml:2:1: error P005"),
        ("package = []", "plan.toml:1:1: error P003 expected a table, got a list"),
    ],
)
def test_a_plan_without_a_name_is_unusable(
    tmp_path: Path, text: str, said: str
) -> None:
    """Without a package there is nothing to build."""
    with pytest.raises(Unusable) as caught:
        plan(tmp_path, text)
    assert said in str(caught.value)


def test_a_missing_plan_is_a_problem(tmp_path: Path) -> None:
    """As is one that is not text."""
    with pytest.raises(Unusable, match="cannot be read"):
        read_plan(tmp_path / "none.toml", Problems(), root=tmp_path)
    (tmp_path / "plan.toml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(Unusable, match="cannot be read"):
        read_plan(tmp_path / "plan.toml", Problems(), root=tmp_path)


def test_a_plan_without_documents_says_so(tmp_path: Path) -> None:
    """The plan is read, but there is nothing in it to build."""
    _, (line,) = plan(tmp_path, '[package]\nname = "a"\n')
    assert line == "plan.toml:1:1: error P004 the plan has no [[document]]"


def test_without_a_plan_each_document_is_a_service() -> None:
    """One is called as the package, several as their files."""
    one = Plan.default([Path("x/My Shop.yaml")], "shop", [Path("o.yaml")])
    expected = DocumentPlan(Path("x/My Shop.yaml"), (Path("o.yaml"),), "shop")
    assert (expected,) == one.documents
    assert ServicePlan("SHOP_BASE_URL") == one.services["shop"]
    two = Plan.default([Path("My Shop.yaml"), Path("\u00e9.json")], "pkg")
    assert [document.service for document in two.documents] == ["my_shop", "api"]


@pytest.mark.skipif(
    not (REPO / "openapi" / "plan.toml").is_file(), reason="needs openapi/plan.toml"
)
def test_our_own_plan_is_clean() -> None:
    """The plan this package is built from has nothing to complain about."""
    problems = Problems()
    read_plan(REPO / "openapi" / "plan.toml", problems, root=REPO)
    assert problems.render() == []
