"""Under which names a voice may have come in by another door."""

from __future__ import annotations

import pytest

from luotain.listen.hooks.twins import EXPORTED, twins
from luotain.terms import HookKind

HOOKS = {"forms": HookKind.TYPEFORM, "desk": HookKind.ZENDESK, "other": HookKind.TYPEFORM, "chat": HookKind.CHATWOOT}


@pytest.mark.parametrize(
    ("key", "names"),
    [
        (("hook:forms", "response:abc"), [("typeform", "abc")]),
        (("hook:desk", "ticket:12"), [("zendesk", "12")]),
        (("hook:desk", "comment:12"), []),
        (("hook:gone", "response:abc"), []),
        (("hook:chat", "message:1"), []),
        (("typeform", "abc"), [("hook:forms", "response:abc"), ("hook:other", "response:abc")]),
        (("zendesk", "12"), [("hook:desk", "ticket:12")]),
        (("tally", "x"), []),
        (("chatwoot", "1"), []),
        (("shop-survey", "abc"), []),
    ],
)
def test_a_voice_has_the_names_of_the_other_doors(key: tuple[str, str], names: list[tuple[str, str]]) -> None:
    assert twins(key, HOOKS) == names


@pytest.mark.parametrize("kind", EXPORTED)
def test_what_is_the_other_name_of_one_is_the_other_way_round_too(kind: HookKind) -> None:
    hooks = {"a": kind}
    (exported,) = twins(("hook:a", f"{EXPORTED[kind]}:1:2"), hooks)
    assert twins(exported, hooks) == [("hook:a", f"{EXPORTED[kind]}:1:2")]
