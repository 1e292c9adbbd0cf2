"""References: identity, the folder that is the jail, circles, and real documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen.document import Opened, open_document
from specwire_codegen.positions import Positions
from specwire_codegen.problems import Problems, Unusable
from specwire_codegen.refs import Documents, is_pure

REPO = Path(__file__).resolve().parents[2]
SPECS = REPO.parent / "shared" / "specs"


def write(folder: Path, **files: Any) -> None:
    """JSON files by name; ``__`` is a folder's slash."""
    for name, data in files.items():
        path = folder / (name.replace("__", "/") + ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data if isinstance(data, str) else json.dumps(data))


def opened(folder: Path, name: str = "a.json") -> tuple[Documents, Opened, list[str]]:
    """The documents after opening one, and its problems as lines."""
    documents = Documents(Problems(), root=folder)
    one = open_document(folder / name, documents=documents)
    documents.settle()
    return documents, one, documents.problems.render(Positions(folder))


def doc(*, openapi: str = "3.1.0", **schemas: Any) -> dict[str, Any]:
    """A document with these component schemas."""
    return {"openapi": openapi, "paths": {}, "components": {"schemas": schemas}}


def ref(target: str, **beside: Any) -> dict[str, Any]:
    """A reference, with what stands beside it."""
    return {"$ref": target, **beside}


X = "#/components/schemas/"


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [
        (f"{X}Pet", "a.json", f"a.json{X}Pet"),
        ("#", "a.json", "a.json#"),
        ("b.json", "a.json", "b.json#"),
        ("b.json#/x", "v1/a.json", "v1/b.json#/x"),
        ("../b.json#/x", "v1/a.json", "b.json#/x"),
        ("./x/../b.json", "a.json", "b.json#"),
        ("#/a~1b/c~0d", "a.json", "a.json#/a~1b/c~0d"),
        ("#/a%20b/%7Bx%7D", "a.json", "a.json#/a b/{x}"),
        ("b%20c.json#/x", "a.json", "b c.json#/x"),
        ("http://h/x.json#/y", "a.json", "http://h/x.json#/y"),
        ("a.json#/x", "a.json", "a.json#/x"),
    ],
)
def test_identity_is_an_absolute_pointer(text: str, base: str, expected: str) -> None:
    """Two spellings of one place are one pointer."""
    assert expected == Documents(Problems()).identity(text, base)


def test_pointers_reach_into_subtrees(tmp_path: Path) -> None:
    """Any part of a document can be referred to, through keys and indexes."""
    schemas = {"A": {"allOf": [{"properties": {"a/b": {"type": "string"}}}]}}
    schemas["B"] = ref(f"{X}A/allOf/0/properties/a~1b")
    write(tmp_path, a=doc(**schemas))
    documents, one, said = opened(tmp_path)
    at = f"{one.at}/components/schemas/B"
    value = documents.resolve(at)
    expected = ({"type": "string"}, f"a.json{X}A/allOf/0/properties/a~1b")
    assert (expected, []) == (documents.follow(value, at), said)


def test_follow_goes_through_pure_references_only(tmp_path: Path) -> None:
    """A chain ends where something is said beside the reference."""
    write(
        tmp_path,
        a=doc(
            A=ref(f"{X}B"),
            B=ref(f"{X}C", description="d"),
            C=ref(f"{X}D", properties={}),
            D={"type": "string"},
        ),
    )
    documents, one, _ = opened(tmp_path)
    found = documents.follow(documents.resolve(f"a.json{X}A"), f"a.json{X}A")
    assert (ref(f"{X}D", properties={}), f"a.json{X}C") == found
    assert ({"x": 1}, one.at) == documents.follow({"x": 1}, one.at)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ref("#/x"), True),
        (ref("#/x", description="d", deprecated=True), True),
        (ref("#/x", **{"x-a": 1}), True),
        (ref("#/x", type="string"), False),
        ({"description": "d"}, False),
    ],
)
def test_what_a_pure_reference_is(value: Any, expected: bool) -> None:
    """Annotations beside ``$ref`` do not change what is allowed."""
    assert expected is is_pure(value)


def test_circles_of_references_are_one_error(tmp_path: Path) -> None:
    """A circle that says nothing is reported once and leads nowhere."""
    write(
        tmp_path, a=doc(A=ref(f"{X}B"), B=ref(f"{X}A"), C=ref(f"{X}A"), D=ref(f"{X}D"))
    )
    documents, _, said = opened(tmp_path)
    assert [f"a.json{X}A", f"a.json{X}D"] == sorted(
        problem.at for problem in documents.problems
    )
    assert all("error R005" in line for line in said)
    assert documents.follow(ref(f"{X}A"), "a.json#") is None


def test_recursive_schemas_are_fine(tmp_path: Path) -> None:
    """A schema that contains itself is a tree, not a circle."""
    tree = {"type": "object", "properties": {"next": ref(f"{X}Tree")}}
    write(tmp_path, a=doc(Tree=tree))
    assert opened(tmp_path)[2] == []


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        (f"{X}Pett", "did you mean 'Pet'?"),
        ("#/components/schema/Pet", "did you mean 'schemas'?"),
        ("#/components/responses/Pet", f"did you mean '{X}Pet'?"),
        ("#Pet", f"did you mean '{X}Pet'?"),
        ("Pet", f"did you mean '{X}Pet'?"),
        (f"{X}Pet/allOf/9", None),
    ],
)
def test_a_reference_to_nothing_gets_a_hint(
    tmp_path: Path, target: str, hint: str | None
) -> None:
    """The line of the reference, what it says, and what was probably meant."""
    write(tmp_path, a=doc(Pet={"allOf": []}, Use=ref(target)))
    documents, _, (line,) = opened(tmp_path)
    (problem,) = documents.problems
    assert (f"a.json{X}Use", hint) == (problem.at, problem.hint)
    assert line.startswith("a.json:1:")
    assert documents.follow(ref(target), "a.json#") is None


def test_every_dangling_reference_is_found_in_one_run(tmp_path: Path) -> None:
    """Parameters, replies, bodies, paths and discriminators are judged alike."""
    media = {"a/b": {"schema": ref("#/1")}}
    get = {
        "parameters": [ref("#/2")],
        "requestBody": ref("#/3"),
        "responses": {
            "200": {"content": media, "headers": {"h": ref("#/4")}},
            "4XX": ref("#/5"),
        },
        "callbacks": {"c": ref("#/6")},
    }
    tagged = {
        "oneOf": [],
        "discriminator": {"propertyName": "k", "mapping": {"a": "#/8"}},
    }
    data = {**doc(T=tagged), "paths": {"/x": {"get": get}, "/y": ref("#/7")}}
    write(tmp_path, a=data)
    said = "".join(opened(tmp_path)[2])
    assert [f"$ref '#/{n}' not found" in said for n in range(1, 9)] == [True] * 8


def test_examples_are_not_searched_for_references(tmp_path: Path) -> None:
    """A ``$ref`` in an example, a default or an enum is somebody's data."""
    schema = {"example": ref("x"), "default": ref("x"), "enum": [ref("x")]}
    named = {"properties": {"$ref": {"type": "string"}}}
    write(tmp_path, a=doc(A=schema, B=named))
    assert opened(tmp_path)[2] == []


def test_anchors_are_found(tmp_path: Path) -> None:
    """``#name`` is the schema that calls itself so."""
    write(tmp_path, a=doc(A={"$anchor": "here", "type": "string"}, B=ref("#here")))
    documents, _, said = opened(tmp_path)
    assert (f"a.json{X}A", []) == (documents.identity("#here", "a.json"), said)


IDS = {
    "A": {
        "$id": "https://example.com/a",
        "properties": {
            "b": ref("b"),
            "c": ref("#/$defs/c"),
            "d": ref("b#here"),
            "e": ref("#/components/schemas/E"),
        },
        "$defs": {"c": {"type": "string"}},
    },
    "B": {"$id": "https://example.com/b", "$defs": {"x": {"$anchor": "here"}}},
    "C": ref("https://example.com/b"),
    "E": {"type": "string"},
}


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("https://example.com/b", "C", "B"),
        ("b", "A/properties/b", "B"),
        ("#/$defs/c", "A/properties/c", "A/$defs/c"),
        ("b#here", "A/properties/d", "B/$defs/x"),
        ("#/components/schemas/E", "A/properties/e", "E"),
    ],
)
def test_ids_of_schemas_are_found(
    text: str, at: str, expected: str, tmp_path: Path
) -> None:
    """An ``$id`` is a name, not an address: nothing is asked of a network for it."""
    write(tmp_path, a=doc(**IDS))
    documents, _, said = opened(tmp_path)
    found = documents.follow(ref(text), f"a.json{X}{at}")
    assert ([], f"a.json{X}{expected}") == (said, found and found[1])


def test_a_dynamic_reference_with_one_meaning_is_a_reference(tmp_path: Path) -> None:
    """With several it is anything, and that is a warning: no operation is lost."""
    node = {"$dynamicAnchor": "n", "properties": {"next": {"$dynamicRef": "#n"}}}
    write(tmp_path, a=doc(Node=node))
    documents, _, said = opened(tmp_path)
    found = documents.follow(ref("#n"), f"a.json{X}Node/properties/next")
    assert ([], f"a.json{X}Node") == (said, found and found[1])
    write(tmp_path, a=doc(Node=node, Other={"$dynamicAnchor": "n"}))
    (line,) = opened(tmp_path)[2]
    assert "warning R004 $ref '#n' depends on where it is reached from" in line


def test_slashes_escaped_in_the_other_way_are_understood(tmp_path: Path) -> None:
    """``%2F`` inside a name is a slash of the name, where that leads somewhere."""
    write(tmp_path, a=doc(A=ref(f"{X}b%2Fc"), **{"b/c": {"type": "string"}}))
    assert opened(tmp_path)[2] == []


# -- other files ---------------------------------------------------------------------


def test_files_below_the_folder_are_read_and_normalised(tmp_path: Path) -> None:
    """A fragment has no version of its own and gets the one dialect all the same."""
    fragment = {
        "Pet": {"properties": {"o": ref("more/owner.json#/O")}, "nullable": True}
    }
    owner = {"O": {"type": "string", "nullable": True, "x": 1}}
    write(tmp_path, a=doc(P=ref("pets.json#/Pet")), pets=fragment, more__owner=owner)
    documents, _, said = opened(tmp_path)
    assert said == []
    value, at = documents.follow(ref("pets.json#/Pet"), "a.json#") or ({}, "")
    assert (at, value["type"]) == ("pets.json#/Pet", ["object", "null"])
    found = documents.resolve("more/owner.json#/O")
    assert found == {"type": ["string", "null"], "x": 1}


def test_a_whole_file_may_be_the_schema(tmp_path: Path) -> None:
    """A reference without a fragment means the file."""
    write(tmp_path, a=doc(P=ref("pet.json")), pet={"type": "string", "nullable": True})
    documents, _, said = opened(tmp_path)
    assert (documents.resolve("pet.json#"), said) == ({"type": ["string", "null"]}, [])


def test_files_may_refer_back(tmp_path: Path) -> None:
    """The document is known by its name to the files it refers to."""
    back = {"X": {"properties": {"a": ref("a.json#/components/schemas/A")}}}
    write(tmp_path, a=doc(A={"type": "string"}, B=ref("b.json#/X")), b=back)
    assert opened(tmp_path)[2] == []


def test_parts_outside_the_described_places_are_taken_in(tmp_path: Path) -> None:
    """``#/x-shared/Pet`` is checked, normalised and judged like a component."""
    data = doc(A=ref("#/x-shared/Pet"))
    data["x-shared"] = {
        "Pet": {"type": "string", "nullable": True, "items": ref("#/no")}
    }
    write(tmp_path, a=data)
    documents, _, (line,) = opened(tmp_path)
    assert documents.resolve("a.json#/x-shared/Pet")["type"] == ["string", "null"]
    assert "error R004 $ref '#/no' not found" in line


REFUSED = [
    ("../secret.json#/x", "R001"),
    ("x/../../secret.json", "R001"),
    ("%2e%2e/secret.json", "R001"),
    ("/etc/passwd", "R001"),
    ("%2fetc/passwd", "R001"),
    ("file:///etc/passwd", "R001"),
    ("C:\\x.json", "R001"),
    ("link.json#/x", "R001"),
    ("linked/secret.json", "R001"),
    ("http://127.0.0.1/x.json", "R002"),
    ("HTTPS://h/x.json#/y", "R002"),
    ("//h/x.json", "R002"),
    ("none.json", "R003"),
    ("folder", "R003"),
    ("a%00b.json", "R003"),
    ("x" * 5000 + ".json", "R003"),
    ("broken.json", "R003"),
    ("bomb.yaml", "R003"),
]


@pytest.mark.parametrize(("target", "code"), REFUSED, ids=[r[0][:25] for r in REFUSED])
def test_references_out_of_the_folder_are_refused(
    tmp_path: Path, target: str, code: str
) -> None:
    """No other folder, no link to one, no network; the problem is at the reference."""
    folder = tmp_path / "spec"
    write(tmp_path, secret={"x": {"type": "string"}})
    write(folder, a=doc(A=ref(target)), broken="{")
    (folder / "folder").mkdir()
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "bomb.yaml").write_text("a: &a [*a]")
    documents, _, _ = opened(folder)
    last = list(documents.problems)[-1]
    assert ("error", code, f"a.json{X}A") == (last.severity, last.code, last.at)
    assert documents.follow(ref(target), "a.json#") is None


def test_links_inside_the_folder_are_fine(tmp_path: Path) -> None:
    """The jail is about where a link leads, not that it is one."""
    write(tmp_path, a=doc(A=ref("link.json#/x")), real={"x": {"type": "string"}})
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    assert opened(tmp_path)[2] == []


def test_a_document_behind_a_link_is_opened(tmp_path: Path) -> None:
    """Its own folder counts, not that of the link."""
    write(tmp_path, real__a=doc(A={}))
    (tmp_path / "a.json").symlink_to(tmp_path / "real" / "a.json")
    assert opened(tmp_path)[2] == []


def test_a_doubling_chain_of_references_is_cheap(tmp_path: Path) -> None:
    """Thirty levels that each refer twice to the next: nothing is ever inlined."""
    schemas: dict[str, Any] = {
        f"S{n}": {"properties": {"a": ref(f"{X}S{n + 1}"), "b": ref(f"{X}S{n + 1}")}}
        for n in range(30)
    }
    write(tmp_path, a=doc(**schemas, S30={"type": "string"}))
    assert opened(tmp_path)[2] == []


def test_swagger_2_references_keep_working(tmp_path: Path) -> None:
    """Moved parts are found under old names, from the file itself and from others."""
    data = {
        "swagger": "2.0",
        "paths": {
            "/x": {
                "get": {
                    "parameters": [ref("other.json#/parameters/Q")],
                    "responses": {"200": {"schema": ref("other.json#/definitions/B")}},
                }
            }
        },
        "definitions": {"A": {"type": "string", "x-nullable": True}},
    }
    other = {
        "definitions": {"B": {"properties": {"a": ref("a.json#/definitions/A")}}},
        "parameters": {"Q": {"name": "q", "in": "query", "type": "integer"}},
    }
    write(tmp_path, a=data, other=other)
    documents, _, said = opened(tmp_path)
    assert said == []
    assert f"a.json{X}A" == documents.identity("a.json#/definitions/A", "other.json")
    found = documents.resolve("other.json#/parameters/Q")
    assert found == {"name": "q", "in": "query", "schema": {"type": "integer"}}


def test_places_of_moved_parts_are_those_of_the_file(tmp_path: Path) -> None:
    """A problem in a converted document has the line the author wrote."""
    text = '{"swagger": "2.0", "paths": {},\n"definitions": {\n"A": {"$ref": "#/no"}}}'
    write(tmp_path, a=text)
    (line,) = opened(tmp_path)[2]
    assert line.startswith("a.json:3:1: error R004")


def test_pointers_survive_what_the_dialect_moves(tmp_path: Path) -> None:
    """A nullable composition is wrapped; a pointer into it still arrives."""
    composed = {"allOf": [{"properties": {"p": {}}}, {}], "nullable": True}
    write(
        tmp_path,
        a=doc(openapi="3.0.3", A=composed, B=ref(f"{X}A/allOf/0/properties/p")),
    )
    assert opened(tmp_path)[2] == []


# -- one document --------------------------------------------------------------------


def test_several_documents_share_one_set(tmp_path: Path) -> None:
    """Each keeps its pointers; the same one twice is an error."""
    write(tmp_path, a=doc(A={}), b=doc(B=ref("a.json#/components/schemas/A")))
    documents = Documents(Problems(), root=tmp_path)
    for name in ("b.json", "a.json"):
        open_document(tmp_path / name, documents=documents)
    documents.settle()
    assert not list(documents.problems)
    with pytest.raises(Unusable, match="opened twice"):
        open_document(tmp_path / "a.json", documents=documents)


def test_overlays_are_applied_in_order(tmp_path: Path) -> None:
    """What the first adds the second can change, and both are remembered."""
    head = {"overlay": "1.0.0", "info": {}}
    first = {**head, "actions": [{"target": "$.info", "update": {"title": "1"}}]}
    second = {**head, "actions": [{"target": "$.info", "update": {"title": "2"}}]}
    write(tmp_path, a={**doc(A={}), "info": {}}, one=first, two=second)
    documents = Documents(Problems(), root=tmp_path)
    overlays = [tmp_path / "one.json", tmp_path / "two.json"]
    one = open_document(tmp_path / "a.json", documents=documents, overlays=overlays)
    assert (one.data["info"]["title"], one.data["openapi"]) == ("2", "3.1.0")
    assert [source.file for source in one.overlays] == ["one.json", "two.json"]


@pytest.mark.skipif(not SPECS.is_dir(), reason="needs ../shared/specs")
@pytest.mark.parametrize(
    "name",
    sorted(p.name for p in SPECS.glob("*.*") if p.suffix in (".json", ".yaml"))
    if SPECS.is_dir()
    else [],
)
def test_real_documents_go_through_without_errors(name: str) -> None:
    """Public documents of all sizes: nothing raised, nothing wrongly refused."""
    documents = Documents(Problems(), root=SPECS)
    one = open_document(SPECS / name, documents=documents)
    documents.settle()
    assert [p for p in documents.problems if p.severity == "error"] == []
    assert one.data["paths"]
