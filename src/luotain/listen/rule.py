"""A programme's rule: whom it asks, when and how often. Kept as JSON, read into frozen values, every mistake named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from luotain.language.said import Said
from luotain.terms import ChannelKind

#: channels by which an invitation can go out; each is carried by the sender of the same name
CHANNELS = (ChannelKind.EMAIL, ChannelKind.SMS)
#: Monday is 0
MONDAY_TO_SATURDAY = frozenset(range(6))
_DAY = 24 * 60


class WrongRule(ValueError):
    """A rule cannot be kept as it is; ``field`` names where, ``said`` what to write instead."""

    def __init__(self, name: str, said: Said) -> None:
        super().__init__(f"{name}: {said}")
        self.field, self.said = name, said


@dataclass(frozen=True, slots=True)
class Window:
    """When messages go out, on the recipient's own clock.

    From ``opens`` to ``closes`` on ``weekdays``, never in the quiet hours (which may pass midnight), and not on public
    holidays unless ``holidays_off`` is false. ``closes`` at 00:00 means the midnight that ends the day.
    """

    opens: time = time(9)
    closes: time = time(20)
    weekdays: frozenset[int] = MONDAY_TO_SATURDAY
    holidays_off: bool = True
    quiet_from: time = time(21)
    quiet_to: time = time(8)

    def spans(self) -> list[tuple[int, int]]:
        """Return the open spans of a day in minutes since its midnight, the end not included."""
        free = [(_minute(self.opens), _minute(self.closes) or _DAY)]
        start, end = _minute(self.quiet_from), _minute(self.quiet_to)
        for quiet in [(start, end)] if start <= end else [(0, end), (start, _DAY)]:
            free = [left for span in free for left in _without(span, quiet)]
        return free


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _without(span: tuple[int, int], gap: tuple[int, int]) -> list[tuple[int, int]]:
    (start, end), (first, last) = span, gap
    left = [(start, min(end, first)), (max(start, last), end)] if first < last else [span]
    return [part for part in left if part[0] < part[1]]


@dataclass(frozen=True, slots=True)
class Audience:
    """Who can be asked at all: everybody who meets all that is named here."""

    unit: str = ""
    tier: str = ""
    #: code of an attribute, and the value it must have
    attribute: str = ""
    value: str = ""
    #: code of a contact list
    contact_list: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Whom a programme asks, when and how often.

    ``delay_hours`` after the interaction the person is asked, unless more than ``too_late_days`` have passed. Of those
    who could be asked ``share`` (0 to 1) are drawn, in a wave ``sample_size`` of them at most. ``quotas`` says how many
    of a ``segment`` ("tier", "unit", "language", or an attribute's code) are asked at most: per wave, or in
    ``quota_days`` where there are no waves. ``quiet_days`` and ``same_quiet_days`` are added peace: the organization's
    own always holds. Who stays silent is reminded at most ``reminders`` times, ``reminder_days`` apart. The link opens
    for ``open_days``. ``channels`` are tried in their order: the first for which an address is known is used.
    """

    delay_hours: float = 24.0
    too_late_days: int = 14
    share: float = 1.0
    sample_size: int | None = None
    newcomers_first: bool = False
    segment: str = ""
    quotas: Mapping[str, int] = field(default_factory=dict)
    quota_days: int = 30
    quiet_days: int = 0
    same_quiet_days: int = 0
    reminders: int = 0
    reminder_days: int = 4
    open_days: int = 30
    track_opens: bool = False
    channels: tuple[str, ...] = (ChannelKind.EMAIL.value,)
    window: Window = field(default_factory=Window)
    audience: Audience = field(default_factory=Audience)


# --- reading -----------------------------------------------------------------------------------------------------

_Read = Callable[[str, Any], Any]


def read_rule(raw: Mapping[str, Any]) -> Rule:
    """Read a rule from plain values; what is left out has its default.

    Raises
    ------
    WrongRule
        For an unknown field, or a value that does not fit: the field is named, and what to write.
    """
    values = _values(raw, _RULE, "")
    window, audience = _part(raw, "window", _WINDOW), _part(raw, "audience", _AUDIENCE)
    rule = Rule(window=Window(**window), audience=Audience(**audience), **values)
    if not rule.window.spans():
        raise WrongRule("window", Said("no minute of the day is left for sending: widen the hours"))
    if rule.quotas and not rule.segment:
        raise WrongRule("segment", Said("quotas count by group: name what the groups are (tier, unit, …)"))
    if bool(rule.audience.attribute) != bool(rule.audience.value):
        raise WrongRule("audience.value", Said("name both the attribute and its value, or neither"))
    return rule


def as_json(rule: Rule) -> dict[str, Any]:
    """Return the rule as plain values that :func:`read_rule` reads again; defaults are left out."""
    plain = _differing(rule, Rule(), _RULE)
    for name, table, default in (("window", _WINDOW, Window()), ("audience", _AUDIENCE, Audience())):
        if part := _differing(getattr(rule, name), default, table):
            plain[name] = part
    return plain


def _differing(value: Any, default: Any, table: Mapping[str, _Read]) -> dict[str, Any]:
    return {
        name: _plain(getattr(value, name)) for name in table if getattr(value, name) != getattr(default, name)
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value


def _part(raw: Mapping[str, Any], name: str, table: Mapping[str, _Read]) -> dict[str, Any]:
    part = raw.get(name, {})
    if not isinstance(part, Mapping):
        raise WrongRule(name, Said("write its fields in braces, as in {}"))
    return _values(part, table, f"{name}.")


def _values(raw: Mapping[str, Any], table: Mapping[str, _Read], within: str) -> dict[str, Any]:
    known = set(table) | (set() if within else {"window", "audience"})
    for name in sorted(set(raw) - known):
        raise WrongRule(
            f"{within}{name}", Said("there is no such field: use %(known)s", known=", ".join(sorted(known)))
        )
    return {name: read(f"{within}{name}", raw[name]) for name, read in table.items() if name in raw}


def _number(low: float, high: float) -> _Read:
    def read(name: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise WrongRule(name, Said("give a number from %(low)s to %(high)s", low=f"{low:g}", high=f"{high:g}"))
        return float(value)

    return read


def _whole(low: int, high: int) -> _Read:
    def read(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise WrongRule(name, Said("give a whole number from %(low)s to %(high)s", low=low, high=high))
        return value

    return read


def _or_none(read: _Read) -> _Read:
    return lambda name, value: None if value is None else read(name, value)


def _yes_or_no(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongRule(name, Said("give true or false"))
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 200:
        raise WrongRule(name, Said("give a text of 200 letters at most"))
    return value


def _clock(name: str, value: Any) -> time:
    try:
        read = time.fromisoformat(value) if isinstance(value, str) and len(value) == 5 else None
    except ValueError:
        read = None
    if read is None:
        raise WrongRule(name, Said("give a time of day, as in 09:00"))
    return read


def _weekdays(name: str, value: Any) -> frozenset[int]:
    days = value if isinstance(value, list | tuple | set | frozenset) else []
    if not days or any(isinstance(day, bool) or day not in range(7) for day in days):
        raise WrongRule(name, Said("give at least one weekday from 0 (Monday) to 6 (Sunday)"))
    return frozenset(days)


def _channels(name: str, value: Any) -> tuple[str, ...]:
    known = [channel.value for channel in CHANNELS]
    told = list(value) if isinstance(value, list | tuple) else []
    if not told or len(set(told)) != len(told) or any(channel not in known for channel in told):
        raise WrongRule(
            name, Said("give each channel once, in the order to be tried: %(known)s", known=", ".join(known))
        )
    return tuple(told)


def _quotas(name: str, value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise WrongRule(name, Said("give a number for each group, as in gold: 100; * stands for all others"))
    limit = _whole(0, 10_000_000)
    return {_text(name, group): limit(f"{name}.{group}", most) for group, most in value.items()}


_RULE: dict[str, _Read] = {
    "delay_hours": _number(0, 24 * 90),
    "too_late_days": _whole(1, 365),
    "share": _number(0, 1),
    "sample_size": _or_none(_whole(1, 10_000_000)),
    "newcomers_first": _yes_or_no,
    "segment": _text,
    "quotas": _quotas,
    "quota_days": _whole(1, 366),
    "quiet_days": _whole(0, 3650),
    "same_quiet_days": _whole(0, 3650),
    "reminders": _whole(0, 5),
    "reminder_days": _whole(1, 60),
    "open_days": _whole(1, 365),
    "track_opens": _yes_or_no,
    "channels": _channels,
}
_WINDOW: dict[str, _Read] = {
    "opens": _clock,
    "closes": _clock,
    "weekdays": _weekdays,
    "holidays_off": _yes_or_no,
    "quiet_from": _clock,
    "quiet_to": _clock,
}
_AUDIENCE: dict[str, _Read] = dict.fromkeys(("unit", "tier", "attribute", "value", "contact_list"), _text)
