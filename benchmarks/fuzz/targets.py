"""What is fed with broken bytes: each reader, and what it may answer with. Anything else that is raised is a fault."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from luotain.listen.answering import NotAccepted
from luotain.listen.exchange.carried import CannotExchange
from luotain.listen.exchange.look import read_questionnaire
from luotain.listen.hooks import ADAPTERS
from luotain.listen.hooks.decide import Place, understand
from luotain.listen.hooks.delivery import BadSignature, Delivery, NotReadable, parse
from luotain.listen.importers.archive import unpacked
from luotain.listen.importers.look import importer_named, look_at, propose_for
from luotain.listen.importers.mapping import check_columns, read_mapping
from luotain.listen.importers.problem import CannotImport
from luotain.listen.importers.records import Reader
from luotain.listen.importers.toml import quoted
from luotain.plugins import names
from luotain.terms import SCALES, HookKind

_NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
_ZONE = "Europe/Helsinki"
_SECRET = "whsec_YSBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcyAuLi4="
_SIGNED = (
    "webhook-signature", "typeform-signature", "tally-signature", "hmac", "x-hub-signature",
    "x-zendesk-webhook-signature", "x-chatwoot-signature",
)  # fmt: skip

Target = Callable[[bytes], None]


@contextmanager
def _file(data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        yield path


def sniffed(data: bytes) -> None:
    """Do with a file what an import does before it writes: look, propose a mapping, read each record by it."""
    with _file(data) as path, suppress(CannotImport):
        proposed = propose_for(path)
        with proposed.importer.open(path) as table:
            decided = read_mapping(_decided(proposed.proposal.toml, table.columns[0]))
            check_columns(decided, table.columns)
            reader = Reader(decided, table.columns, _ZONE)
            for record in table.records:
                with suppress(NotAccepted):
                    reader.read(record)


def _decided(proposed: str, column: str) -> str:
    """Answer the questions of a proposal, as well as a machine can."""
    decided = proposed.replace('scale = "?"', 'scale = "nps_0_10"').replace(
        'column = "?"', f"column = {quoted(column)}"
    )
    return decided.replace('"?", ', "").replace('"?"', '"nps"')


def by_name(name: str, data: bytes) -> None:
    """Open a file as one importer, whether it is its own or not."""
    importer = importer_named(name)
    with _file(data) as path, suppress(CannotImport):
        assert 0 <= importer.recognises(look_at(path)) <= 1
        with importer.open(path) as table:
            for record in table.records:
                assert record.problem or len(record.cells) == len(table.columns)
        propose_for(path, form=name)


def archived(data: bytes) -> None:
    """Take the one table out of an archive, and read it."""
    with _file(data) as path, suppress(CannotImport), unpacked(path) as inside:
        propose_for(inside)


def questionnaire(data: bytes) -> None:
    """Read a questionnaire of another tool."""
    with suppress(CannotExchange):
        read_questionnaire(data)


def mapping(data: bytes) -> None:
    """Read a mapping that somebody wrote."""
    with suppress(CannotImport):
        read_mapping(data.decode("utf-8", "replace"))


def webhook(kind: HookKind, data: bytes) -> None:
    """Take what another system posts: its signature first, which bytes can only guess, then what it says."""
    head = data[:64].decode("latin-1")
    delivery = Delivery(data, dict.fromkeys(_SIGNED, head), _NOW)
    with suppress(BadSignature):
        ADAPTERS[kind].verify(delivery, _SECRET)
        raise AssertionError("a signature that nobody made was taken for good")
    with suppress(NotReadable):
        for heard in ADAPTERS[kind].read(parse(data), delivery).heard:
            voice = understand(heard, {}, SCALES, Place("hook:fuzz"), _NOW).submission
            assert 0 < len(voice.source_id) <= 150
            assert voice.occurred_at.tzinfo is not None


def targets() -> dict[str, Target]:
    """Return every reader by its name: all importers that are installed and all kinds of webhooks."""
    return {
        "sniffed": sniffed,
        **{f"importer {name}": partial(by_name, name) for name in names("luotain.importers")},
        "archive": archived,
        "questionnaire": questionnaire,
        "mapping": mapping,
        **{f"webhook {kind}": partial(webhook, kind) for kind in HookKind},
    }
