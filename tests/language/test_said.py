"""A text that the core makes can be said in any language, now or later."""

from __future__ import annotations

import ast
import copy
import importlib.util
import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard

import pytest

from luotain.language.said import Said, as_said, restored

SOURCE = Path(__file__).resolve().parents[2] / "src" / "luotain"
NAMES = re.compile(r"%\(([a-z_0-9]+)\)s")


def test_a_text_reads_as_english() -> None:
    said = Said("%(count)s characters in %(name)s, 5 %% of them", count=20_000, name="a.csv")
    assert said == "20,000 characters in a.csv, 5 % of them"
    assert said[:6] == "20,000"


@pytest.mark.parametrize(("count", "reads"), [(1, "1 row"), (0, "0 rows"), (1200, "1,200 rows")])
def test_what_is_counted_agrees_with_its_number(count: int, reads: str) -> None:
    assert Said.counted("%(count)s row", "%(count)s rows", count=count) == reads


@pytest.mark.parametrize(
    "said",
    [
        Said("plain, 100 %%"),
        Said("not on the scale (%(range)s)", range=Said("%(low)s in steps of %(step)s", low="1–5", step="0.5")),
        Said.counted("%(count)s row of %(name)s", "%(count)s rows of %(name)s", count=3, name="50 %"),
        Said.lines([Said("one"), Said("two, %(n)s", n=2)]),
        as_said("a plugin said: 50 % off, %(x)s"),
    ],
)
def test_template_and_values_outlive_the_database_a_copy_and_another_process(said: Said) -> None:
    again = [restored(json.loads(json.dumps(said.stored()))), copy.deepcopy(said), pickle.loads(pickle.dumps(said))]
    for other in again:
        assert other == said
        assert (other.text, other.many, other.values) == (said.text, said.many, said.values)


def tool(name: str) -> Any:
    """Load one of the tools of the repository, which are no package."""
    spec = importlib.util.spec_from_file_location(name, SOURCE.parents[1] / "tools" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_text(node: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name: Any = getattr(node, "func", None)
            if isinstance(node, ast.Call) and (
                getattr(name, "id", "") == "Said"
                or (getattr(name, "attr", "") == "counted" and getattr(name.value, "id", "") == "Said")
            ):
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", node


def test_every_template_is_a_plain_text_whose_placeholders_have_their_values() -> None:
    found = list(calls())
    assert len(found) > 100
    wrong = []
    for where, call in found:
        templates = [argument.value for argument in call.args if is_text(argument)]
        given = {keyword.arg for keyword in call.keywords}
        if len(templates) != len(call.args) or None in given:
            wrong.append(f"{where}: the template must be written out, so that it can be collected for translation")
            continue
        for template in templates:
            rest = NAMES.sub("", template).replace("%%", "")
            if set(NAMES.findall(template)) != given or "%" in rest:
                wrong.append(f"{where}: {template!r} with {sorted(map(str, given))}")
    assert not wrong


def test_every_template_is_collected_for_translation() -> None:
    """A call inside an f-string, for one, would be passed over by the collector."""
    found = {message.id for message in tool("messages").catalogue()}
    collected = {text for texts in found for text in (texts if isinstance(texts, tuple) else (texts,))}
    templates = {argument.value: where for where, call in calls() for argument in call.args if is_text(argument)}
    assert not {where: text for text, where in templates.items() if text not in collected}


def test_no_text_of_the_core_misses_its_mark() -> None:
    """What people read of a refusal is never a bare string: it could not be translated."""
    marked = {"NotAccepted", "WrongMapping", "NotReadable", "CannotImport", "CannotUndo", "TakenElsewhere"}
    bare = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in marked
        and isinstance(node.args[-1], ast.Constant | ast.JoinedStr)
    ]
    assert not bare
