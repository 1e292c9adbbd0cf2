"""What is wrong with a manifest is found, placed and never fatal to the program."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import specwire_codegen
from specwire_codegen.manifest_reading import CODES
from specwire_codegen.manifest_schema import check_schema
from specwire_codegen.manifests import compile_manifest, read_manifest
from specwire_codegen.positions import Positions
from specwire_codegen.problems import Problems, Unusable

from .manifesting import OFFICIAL, PROTOCOL, compiled, dialects, manifest, said

SCHEMAS = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((PROTOCOL / "schemas").glob("*.json"))
}


# -- the capability profile --------------------------------------------------------

IOS = {"phase": "ios_v1", "inputs": {"modalities": ["text"]}}
PC = {"phase": "iospc_v1", "inputs": {}, "process": {"mode": "async"}}


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ({**IOS, "process": {}}, "must NOT have additional properties"),
        ({**IOS, "contract": {}}, "must NOT have additional properties"),
        ({**IOS, "more": 1}, "must NOT have additional properties"),
        ({**IOS, "inputs": {"modality": []}}, "must NOT have additional properties"),
        ({"phase": "ios_v1"}, "must match at least one schema in anyOf"),
        ({"phase": "ios_v1", "future_reserved": ["process"]}, "anyOf"),
        ("ios_v1", "capability_profile must be object"),
        (["ios_v1"], "capability_profile must be object"),
        ({"phase": "iospc_v1", "inputs": {}}, "iospc_v1 requires process or contract"),
        ({"phase": "x", "inputs": {}}, "must be equal to one of the allowed values"),
        ({"phase": "ios_v1", "inputs": []}, "must be object"),
    ],
)
def test_a_profile_that_breaks_the_rules(profile: Any, message: str) -> None:
    """Each rule of the protocol is an error in the protocol's own words."""
    (line,) = said(manifest(capability_profile=profile))
    assert "/capability_profile" in line
    assert message in line


@pytest.mark.parametrize(
    "profile", [IOS, PC, {**PC, "contract": {"cost_class": "low"}}]
)
def test_a_profile_that_keeps_them(profile: Any) -> None:
    """It is in the record as it stands."""
    assert compiled(manifest(capability_profile=profile))["profile"] == profile


# -- places ------------------------------------------------------------------------


def test_problems_have_lines(tmp_path: Path) -> None:
    """From the pointer of a problem its line and column are found."""
    path = tmp_path / "m.yaml"
    path.write_text(
        "id: example\nprotocol_version: '2.0'\nendpoint: {base_url: 'http://x'}\n"
        "streaming:\n  frame_selector: '$.a =='\n"
    )
    problems = Problems()
    data = read_manifest(path, problems, file="m.yaml")
    compile_manifest(data, dialects(), source="m.yaml", problems=problems)
    (line,) = problems.render(Positions(tmp_path))
    assert line.startswith(
        "m.yaml:5:3: error M006 '$.a ==' cannot be read: character 7"
    )


def test_everything_wrong_is_found_in_one_run() -> None:
    """A slip hides no other one."""
    lines = said(
        manifest(
            name=7,
            aliases=["No"],
            auth={"type": "smoke"},
            retry_policy={"max_retries": "3"},
            streaming={"frame_selector": "("},
        )
    )
    codes = sorted(line.split()[2] for line in lines)
    assert codes == ["M003", "M003", "M005", "M005", "M006"]


def test_every_code_is_in_the_table_and_used() -> None:
    """The table of codes and the modules that use them agree."""
    folder = Path(specwire_codegen.__file__).parent
    text = "".join(
        path.read_text("utf-8").replace('": "', "")
        for path in sorted(folder.glob("manifest*.py"))
    )
    assert set(CODES) == set(re.findall(r'"(M[0-9]{3})"', text))


# -- the full schema ---------------------------------------------------------------


def strict(data: Any, kind: str = "manifest") -> list[str]:
    problems = Problems()
    check_schema(data, SCHEMAS[kind], "m#", problems)
    return problems.render()


@pytest.mark.parametrize("name", list(SCHEMAS))
def test_the_schemas_are_schemas(name: str) -> None:
    """Each is a JSON Schema of 2020-12."""
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (
            {"endpoint": {"base_url": "http://x", "tmeout_ms": 1}},
            "m#/endpoint/tmeout_ms: error M012 there is no 'tmeout_ms' here, did you "
            "mean 'timeout_ms'?",
        ),
        (
            {"retry_policy": {"strategy": "exponential", "notes": []}},
            "m#/retry_policy/strategy: error M012 'exponential' is none of "
            "exponential_backoff, linear_backoff, fixed_delay, none, did you mean "
            "'exponential_backoff'?",
        ),
        (
            {"endpoints": {"chat": {"path": "/c", "methods": "POST"}}},
            "m#/endpoints/chat/methods: error M012 there is no 'methods' here, did you "
            "mean 'method'?",
        ),
        (
            {"streaming": {"event_map": [{"match": "a"}]}},
            "m#/streaming/event_map/0: error M012 'emit' is missing",
        ),
        (
            {"capabilites": {"required": ["text"]}},
            "m#/capabilites: warning M012 'capabilites' is not known and is ignored, "
            "did you mean 'capabilities'?",
        ),
        (
            {"capabilities": {"required": ["txet"]}},
            "m#/capabilities/required/0: error M012 'txet' is none of",
        ),
        ({"id": "No"}, "m#/id: error M012 'No' does not match ^[a-z0-9]"),
        ({"name": 7}, "m#/name: error M012 expected string, got 7"),
    ],
)
def test_a_misspelt_manifest_is_found(data: Any, line: str) -> None:
    """The full check names the key, what was expected and what was meant."""
    (found,) = strict(manifest(**data))
    assert found.startswith(line)


def test_unknown_keys_at_the_top_are_allowed() -> None:
    """What a later version adds is no error, nor is what begins with ``x-``."""
    data = manifest(future_thing={"a": 1}, **{"x-own": 1, "x-headers": {"a": "b"}})
    assert strict(data) == []


def inputs() -> Iterator[tuple[str, Path]]:
    folders = {"manifest": "providers", "model": "models", "contract": "contracts"}
    for kind, folder in folders.items():
        for path in sorted((PROTOCOL / folder).glob("*.yaml")):
            yield kind, path


def test_our_own_files_pass_the_full_check() -> None:
    """Contracts, manifests and registries keep to their schemas."""
    for kind, path in inputs():
        assert strict(read_manifest(path, Problems()), kind) == [], path.name


@pytest.mark.skipif(
    not OFFICIAL.is_dir(), reason="the protocol's own files are not here"
)
def test_official_manifests_pass_the_full_check() -> None:
    """What is published in each version is not refused by our words for it."""
    for path in sorted(OFFICIAL.glob("v*/providers/*.yaml")):
        assert strict(read_manifest(path, Problems())) == [], path


# -- hostile input -----------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        {"capabilities": [f"c{n}" for n in range(50_000)]},
        {"streaming": {"event_map": [{"match": "$.a", "emit": "StreamEnd"}] * 5_000}},
        {"streaming": {"frame_selector": " || ".join(["$.a.b == 'c'"] * 700)}},
        {"response_paths": {"content": "a" + "[*]" * 3_000}},
        {"parameters": {f"p{n}": {"alias": f"a.{n}"} for n in range(10_000)}},
        {"x-body": {"plain": {"a": ["b"] * 100_000}}},
    ],
    ids=["capabilities", "rules", "selector", "wildcards", "parameters", "body"],
)
def test_a_huge_manifest_takes_no_square_of_its_size(data: Any) -> None:
    """Ten thousands of everything are done within a few seconds."""
    begun = time.perf_counter()
    compiled(manifest(**data), Problems())
    assert time.perf_counter() - begun < 4


KEYS = st.sampled_from(
    [
        *sorted(SCHEMAS["manifest"]["properties"]),
        *("base_url", "chat", "path", "type", "event_map", "match", "emit"),
        *("fields", "multi_candidate", "required", "mapping", "models", "decoder"),
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.sampled_from(
        ["", "$.a[*].b", "openai", "exists($.x)", "http://x", "StreamEnd"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_any_json_is_a_record_or_problems(data: dict[str, Any]) -> None:
    """Whatever stands where, there is a record or a report and never a traceback."""
    problems = Problems()
    try:
        made = compile_manifest(
            {"id": "ab", "base_url": "http://x", **data}, dialects(), problems=problems
        )
    except Unusable:
        assert problems.has_errors
        return
    json.dumps(made)


@pytest.mark.parametrize("data", [None, [], "x", 7])
def test_what_is_no_mapping_is_unusable(data: Any) -> None:
    """The compiler says so itself, for who did not read a file."""
    with pytest.raises(Unusable):
        compiled(data, Problems())


def test_a_manifest_compiles_quickly() -> None:
    """One record takes a few milliseconds; the limit is 20."""
    data = read_manifest(PROTOCOL / "providers/openai.yaml", Problems())
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        compile_manifest(data, dialects(), problems=Problems())
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.02
