"""The event map of a manifest: from one frame to what its rules make of it.

Every rule whose condition holds fires, in the order of the manifest; a rule that goes
through arrays (``each``) fires once an element. The dialect's own rules (``more``)
stand in where the manifest has none of the kind for that frame and candidate.

Asking thirty rules about each frame would cost more than reading its JSON. So the rules
hang in a tree of members by one thing that must be there for each (see
:func:`~specwire.chat.programs.hooks`), and a frame is walked once: what it does not
have costs nothing, ``type`` is looked up in a table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from . import programs
from .programs import Env, Get, Hook

KINDS = {
    "PartialContentDelta": "text",
    "ThinkingDelta": "thinking",
    "ToolCallStarted": "tool_start",
    "PartialToolCall": "tool_delta",
    "ToolCallEnded": "tool_end",
    "Metadata": "usage",
    "UsageReport": "usage",
    "FinalCandidate": "finish",
    "StreamEnd": "finish",
    "StreamError": "error",
}
"""What an event of a rule is about; a dialect's rule yields to one of its kind."""

Mapped: TypeAlias = "tuple[str, dict[str, Any], int]"
"""``emit`` of the rule, its fields, and the candidate."""
_Hit: TypeAlias = "tuple[int, _Rule, Env]"
_Numbered: TypeAlias = "tuple[int, _Rule]"
_number = itemgetter(0)
_WHOLE = frozenset({"tool_call", "tool_calls"})
"""Fields with whole calls: what they give is a start as well."""
_PLACES = frozenset({"index", "candidate_index"})
MAX_CANDIDATE = 1024
"""A candidate beyond is not believed: each has a state of its own."""


class EventMapper:
    """The rules of one manifest; holds nothing of a stream, so that streams share it.

    :param rules: rules of a record, see :mod:`specwire.chat.programs` for their paths.
    :param more: the dialect's.
    :param candidates: ``{"array": PATH, "id": PATH}``: where the candidates of a frame
        are, and how each names itself; one that does not is known by its place.
    """

    def __init__(
        self,
        rules: Sequence[Mapping[str, Any]],
        more: Sequence[Mapping[str, Any]] = (),
        candidates: Mapping[str, Any] | None = None,
    ) -> None:
        own = [_key(rule) for rule in rules]
        # One that asks the same as the manifest's would never fire.
        others = [rule for rule in more if _key(rule) not in own]
        self._own = len(rules)
        # Where a dialect stands behind, a rule whose paths lead nowhere has not fired.
        self._fallible = bool(others)
        self._root = _Node()
        self._always: list[_Numbered] = []
        self._sure: list[tuple[str, list[Any], Hook]] = []
        array = candidates["array"] if candidates is not None else None
        compiled = [_Rule(rule, array) for rule in (*rules, *others)]
        atoms = [programs.parts(rule.when) for rule in compiled]
        weight = Counter(h for some in atoms for a in some for h in programs.hooks(a))
        for number, rule in enumerate(compiled):
            self._hang(number, rule, weight)
        self._root.finish()
        del self._sure

    def _hang(self, number: int, rule: _Rule, weight: Mapping[Hook, int]) -> None:
        """Put a rule where its hooks are, or among those that are always asked."""
        hooks = programs.hooks(rule.when, weight)
        levels = {level for level, *_ in hooks}
        # Of hooks in several levels one would find what another has found.
        if len(levels) != 1 or not rule.by_name(max(levels)):
            self._always.append((number, rule))
            return
        sure = programs.hooked(rule.when)
        if sure:
            rule.test = None  # to find one is the test
        for hook in hooks:
            place = (rule.kind, rule.each, hook)
            if number >= self._own and place in self._sure:
                continue  # the manifest's own rule will have fired
            if sure and number < self._own:
                self._sure.append(place)
            level, steps, text = hook
            node = self._root
            for array in rule.each[:level]:
                node = node.below(array[1:]).element()
            node = node.below(steps)
            if text is None:
                node.hits.append((number, rule))
            else:
                node.texts.setdefault(text, []).append((number, rule))

    def map(self, frame: Any) -> list[Mapped]:
        """What the rules make of a frame, in their order."""
        env = (frame,)
        hits: list[_Hit] = [(number, rule, env) for number, rule in self._always]
        if frame is not None:
            self._root.walk(frame, env, hits)
        if len(hits) > 1:
            hits.sort(key=_number)
        mapped: list[Mapped] = []
        ids: dict[int, str] = {}
        own, last, seen = self._own, -1, env
        fallible = self._fallible
        fired: set[tuple[str, int]] | None = None
        for number, rule, reached in hits:
            if number == last and reached is seen:
                continue  # by two of its hooks
            last, seen = number, reached
            inner = len(reached) > rule.depth
            for env in (reached,) if inner else rule.gone_into(reached):
                if rule.test is not None and not rule.test(env):
                    continue
                candidate = rule.candidate_of(env)
                if number >= own:
                    if fired is None:
                        fired = _fired(mapped)
                    if (rule.kind, candidate) in fired:
                        continue
                fields = rule.fields_of(env, ids)
                if fallible and number < own and rule.says_nothing(fields):
                    continue
                mapped.append((rule.emit, fields, candidate))
        return mapped


class _Rule:
    """One rule, made of closures."""

    def __init__(self, rule: Mapping[str, Any], array: Sequence[Any] | None) -> None:
        self.emit: str = rule["emit"]
        self.kind = KINDS.get(self.emit, self.emit)
        self.when = rule["when"]
        self.each: list[Sequence[Any]] = list(rule.get("each") or ())
        self.depth = len(self.each)
        self.test: programs.Test | None = programs.test(self.when)
        fields = rule["fields"]
        self._fields: list[tuple[str, Get]] = [
            (name, programs.source(alternatives))
            for name, alternatives in fields.items()
            if alternatives
        ]
        self._makes_ids = any(["uuid"] in list(map(list, a)) for a in fields.values())
        self._arrays = [programs.getter(path) for path in self.each]
        path = rule.get("candidate")
        self._candidate = programs.getter(path) if path is not None else None
        within = bool(self.each) and array is not None and self.each[0] == array
        self._place = self._arrays[0] if within else None

    def says_nothing(self, fields: Mapping[str, Any]) -> bool:
        """Whether none of its paths found anything; places alone are nothing."""
        return fields.keys() <= _PLACES and any(
            n not in _PLACES for n, _ in self._fields
        )

    def by_name(self, level: int) -> bool:
        """Whether members alone lead to the elements of a level."""
        steps = [step for path in self.each[:level] for step in path[1:]]
        return all(isinstance(step, str) for step in steps)

    def gone_into(self, env: Env) -> Sequence[Env]:
        """``env`` with an element of each array that is still to be gone through."""
        envs = [env]
        for get in self._arrays[len(env) - 1 :]:
            arrays = [(env, get(env)) for env in envs]
            envs = [
                (*env, element)
                for env, array in arrays
                if array.__class__ is list
                for element in array
            ]
        return envs

    def candidate_of(self, env: Env) -> int:
        if self._candidate is not None:
            found = self._candidate(env)
            if found.__class__ is int and 0 <= found <= MAX_CANDIDATE:
                return found
        if self._place is None:
            return 0
        elements = self._place(env)
        place = next(n for n, element in enumerate(elements) if element is env[1])
        return min(place, MAX_CANDIDATE)

    def fields_of(self, env: Env, ids: dict[int, str]) -> dict[str, Any]:
        """The fields that have a value; ``ids`` are made for parts of the frame."""
        fields = {}
        for name, get in self._fields:
            value = get(env)
            if value is not None:
                fields[name] = value
        if self._makes_ids:
            for name, value in fields.items():
                if value is programs.NEW_ID:
                    fields[name] = ids.setdefault(id(env[-1]), new_id())
        return fields


class _Node:
    """A place in a frame: the rules that something must be there for."""

    __slots__ = (
        "_elements",
        "_inner",
        "_leaves",
        "_members",
        "_words",
        "hits",
        "texts",
    )

    def __init__(self) -> None:
        self.hits: list[_Numbered] = []
        self.texts: dict[str, list[_Numbered]] = {}
        self._members: dict[str, _Node] = {}
        self._elements: _Node | None = None
        self._leaves: list[tuple[str, list[_Numbered]]] = []
        self._words: list[tuple[str, dict[str, list[_Numbered]]]] = []
        self._inner: list[tuple[str, _Node]] = []

    def below(self, steps: Sequence[str]) -> _Node:
        node = self
        for step in steps:
            node = node._members.setdefault(step, _Node())
        return node

    def element(self) -> _Node:
        if self._elements is None:
            self._elements = _Node()
        return self._elements

    def finish(self) -> None:
        """All rules hang: tell the members that need a walk from those that do not."""
        for name, child in self._members.items():
            leaf = not (child._members or child._elements)
            if leaf and not child.texts:
                self._leaves.append((name, child.hits))
            elif leaf and not child.hits:
                self._words.append((name, child.texts))
            else:
                self._inner.append((name, child))
                child.finish()
        if self._elements is not None:
            self._elements.finish()

    def walk(self, value: Any, env: Env, hits: list[_Hit]) -> None:
        """Collect the rules that ``value``, which is not null, may concern."""
        for number, rule in self.hits:
            hits.append((number, rule, env))
        kind = value.__class__
        if kind is dict:
            get = value.get
            for name, child in self._inner:
                inner = get(name)
                if inner is not None:
                    child.walk(inner, env, hits)
            for name, leaf in self._leaves:
                if get(name) is not None:
                    for number, rule in leaf:
                        hits.append((number, rule, env))
            for name, texts in self._words:
                text = get(name)
                if text.__class__ is str and text in texts:
                    for number, rule in texts[text]:
                        hits.append((number, rule, env))
        elif kind is str:
            if self.texts:
                for number, rule in self.texts.get(value, ()):
                    hits.append((number, rule, env))
        elif kind is list and self._elements is not None:
            walk = self._elements.walk
            for element in value:
                if element is not None:
                    walk(element, (*env, element), hits)


def _fired(mapped: Sequence[Mapped]) -> set[tuple[str, int]]:
    """The kinds that are done with, by candidate."""
    fired = {(KINDS.get(emit, emit), candidate) for emit, _, candidate in mapped}
    for _, fields, candidate in mapped:
        if not _WHOLE.isdisjoint(fields):
            fired.add(("tool_start", candidate))
    return fired


def _key(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    emit = rule["emit"]
    return KINDS.get(emit, emit), rule["when"], rule.get("each") or []


def new_id() -> str:
    """An id for a tool call that came without one."""
    from uuid import uuid4  # costs as much to import as this module

    return str(uuid4())
