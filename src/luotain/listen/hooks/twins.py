"""One voice through two doors: what a webhook told, and the same in a file that the sender exports later."""

from __future__ import annotations

from collections.abc import Mapping

from luotain.terms import HookKind

#: sender -> what its webhook's ids begin with where the rest is the id in its export, under the importer's own source
EXPORTED: dict[HookKind, str] = {
    HookKind.FORMBRICKS: "response",
    HookKind.TYPEFORM: "response",
    HookKind.TALLY: "response",
    HookKind.SURVICATE: "response",
    HookKind.ZENDESK: "ticket",
    HookKind.ZAMMAD: "ticket",
}

#: (source, id there)
Key = tuple[str, str]


def twins(key: Key, hooks: Mapping[str, HookKind]) -> list[Key]:
    """Return under which other names the same voice may have come in.

    Parameters
    ----------
    key
        The source of a voice ("hook:CODE", or what an importer proposes: the sender's name) and its id there.
    hooks
        The webhooks that there are, by their codes.

    Returns
    -------
    list of Key
        Of a webhook's voice its name in the sender's export; of an exported one its names at that sender's webhooks.
        Ids that the two do not share (a comment of a ticket, a rating) have no other name.
    """
    source, name = key
    kind = hooks.get(source.removeprefix("hook:")) if source.startswith("hook:") else None
    if kind is not None:
        prefix = EXPORTED.get(kind, "")
        return [(kind.value, name.partition(":")[2])] if prefix and name.startswith(f"{prefix}:") else []
    if source not in HookKind._value2member_map_ or HookKind(source) not in EXPORTED:
        return []
    prefix = EXPORTED[HookKind(source)]
    return [(f"hook:{code}", f"{prefix}:{name}") for code, kind in sorted(hooks.items()) if kind == source]
