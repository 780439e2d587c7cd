"""What the importers of other tools' exports share: a file as a table or as JSON, and the draft of its mapping."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from luotain.language.said import Said
from luotain.listen.answering import number
from luotain.listen.importers.jsonfile import flat, looks_like_json, open_json
from luotain.listen.importers.mapping import OWN_SCALE
from luotain.listen.importers.problem import NotReadable
from luotain.listen.importers.propose import Proposal, Told, find_times, is_ambiguous
from luotain.listen.importers.reading import Look, Reading, Sample, Table
from luotain.listen.importers.table import TableImporter
from luotain.listen.importers.toml import write
from luotain.listen.importers.values import slug

#: five stars of a review: 1–2 poor, 4–5 good
STARS = {"code": "stars_5", "low": 1, "high": 5, "poor_to": 2, "good_from": 4}
#: what asks for a rating: its measure and scale must be declared, never guessed
_RATES = re.compile(
    r"recommend|satisf|\beas[yei]|effort|\brat(e|ing)|score|likely|\bnps\b|\bces\b|\bcsat\b|quality|agree|stars?\b|"
    r"suosittel|tyytyv|helppo|vaivat|arvosana|arvio|laatu|rekommend|nöjd|\blätt|enkel|betyg|kvalit|"
    r"empfehl|zufrieden|bewert|einfach",
    re.IGNORECASE,
)
_LED = re.compile(r"(\d{1,2})\s*[-–—:.)=]?\s+\D.*", re.DOTALL)
_WORDS_OF_ONE_TEXT = 25
_FEW_GROUPS = 60


class Source(TableImporter, ABC):
    """An export of another tool. What is its own stands in the subclass; its files are tables, JSON, or both."""

    def recognises(self, look: Look) -> float:
        """Return how surely the file is an export of this tool, from 0 to 1."""
        if look.record:
            return 0.9 if self.knows_record(look.record) else 0.0
        return 0.9 if look.rows and self.knows_columns({cell.strip().lower() for cell in look.rows[0]}) else 0.0

    def knows_columns(self, columns: set[str]) -> bool:
        """Tell whether a table with these columns (in lower case) is an export of this tool."""
        return False

    def knows_record(self, record: Mapping[str, Any]) -> bool:
        """Tell whether a JSON file that begins with this record is an export of this tool."""
        return False

    def cells(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Return a record of JSON as cells by the name of their column."""
        return flat(record)

    def labels(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Return what a person reads above the columns, as far as a record of JSON tells."""
        return {}

    @contextmanager
    def open(self, path: Path, reading: Reading | None = None) -> Iterator[Table]:
        """Open the file and read its header; the records stream from it while it is open."""
        if path.is_file() and looks_like_json(_head(path)):
            with open_json(path, reading, name=self.name, cells=self.cells, titles=self.labels) as table:
                yield table
        else:
            with super().open(path, reading) as table:
                yield table

    def propose(self, sample: Sample, *, say: Callable[[Said], str] = str) -> Proposal:
        """Propose a mapping: whole where the export declares everything, else with what is to be decided."""
        draft = Draft(self.name, self.title, sample)
        self.draft(draft)
        if not draft.taken & set(sample.columns):
            nothing = Said("this is no export of %(tool)s: none of its columns is in the file", tool=self.title)
            raise NotReadable(nothing)
        return draft.proposal(say)

    @abstractmethod
    def draft(self, draft: Draft) -> None:
        """Write down what the columns of this tool mean."""


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(200)


@dataclass(slots=True)
class Draft:
    """A mapping in the making: what is known is written down, what is not becomes a question."""

    format: str
    title: str
    sample: Sample
    raw: dict[str, Any] = field(default_factory=dict)
    questions: list[Said] = field(default_factory=list)
    notes: list[Said] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    texts: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    drops: list[str] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)

    def find(self, *names: str) -> str:
        """Return the first of these columns that the file has, in whatever case; "" where it has none."""
        known = {column.lower(): column for column in self.sample.columns}
        return next((known[name.lower()] for name in names if name.lower() in known), "")

    @property
    def rest(self) -> list[str]:
        """The columns of which nothing has been said yet."""
        return [column for column in self.sample.columns if column not in self.taken]

    def begin(self, *, source: str, feedback: str = "response", ids: Sequence[str] = (), name: str = "") -> None:
        """Write down where the records come from, in which form, and by which columns each is known again."""
        ids = [column for column in ids if column]
        self.raw |= {"kind": "feedback", "format": self.format, "source": (slug(source) or self.format)[:60]}
        self.raw |= {"feedback": feedback} if feedback != "response" else {}
        self.raw |= {"id": ids[0] if len(ids) == 1 else ids} if ids else {}
        self.raw["touchpoint"] = {
            "value": self.sample.touchpoint or slug(name) or slug(self.sample.name) or self.format,
            "create": True,
        }
        self.raw["opens_cases"] = False
        self.taken |= set(ids)

    def time(self, column: str, *formats: str, time_zone: str = "", otherwise: Sequence[str] = ()) -> None:
        """Write down when each record was given; the formats are told by the values where they are not known."""
        if not column:
            self.raw["occurred_at"] = {"value": "?"}
            self.questions.append(
                Said("The file does not tell when the answers were given: write the day as the value of occurred_at.")
            )
            return
        self.taken |= {column, *otherwise}
        times: dict[str, Any] = {"column": column, "formats": list(formats or self._formats(column))}
        times |= {"time_zone": time_zone} if time_zone else {}
        times |= {"otherwise": list(otherwise)} if otherwise else {}
        self.raw["occurred_at"] = times

    def _formats(self, column: str) -> tuple[str, ...]:
        told = Told(column, self.sample.told(column))
        if told.told and all(re.fullmatch(r"\d{10}(\d{3})?", text) for text in told.told):
            return ("unix",)
        found = find_times(told)
        if found is None:
            return ("iso",)
        if is_ambiguous(found[1]):
            self.questions.append(
                Said(
                    "Is '%(value)s' in '%(column)s' day first or month first? Leave the right ones in formats.",
                    value=told.told[0],
                    column=column,
                )
            )
            return ("?", *found[1])
        return found[1]

    def cell(self, key: str, column: str, **more: Any) -> None:
        """Write down which column tells the language, the channel or another thing that a record has one of."""
        if column:
            self.taken.add(column)
            self.raw[key] = {"column": column, **more}

    def drop(self, *columns: str) -> None:
        """Leave out columns: personal data, and what says nothing of the experience."""
        for column in map(self.find, columns):
            if column and column not in self.taken:
                self.taken.add(column)
                self.drops.append(column)

    def attribute(self, code: str, column: str, *, breakdown: bool = True) -> None:
        """Keep a column beside the feedback, by which measures can be broken down."""
        if column:
            self.taken.add(column)
            self.attributes[self._free(code, self.attributes)] = (
                column if breakdown else {"column": column, "breakdown": False}
            )

    def duration(self, column: str, unit: str = "seconds") -> None:
        """Write down which column tells how long each respondent took."""
        if column:
            self.taken.add(column)
            self.raw["duration"] = column if unit == "seconds" else {"column": column, "unit": unit}

    def group(self, column: str) -> None:
        """Keep a column of which the meaning is the company's own: as a breakdown where it has few values."""
        told = self.sample.told(column)
        few = 1 < len(set(told)) <= min(_FEW_GROUPS, len(told) // 3 + 1)
        self.attribute(slug(self.sample.title(column)).replace("-", "_") or "a", column, breakdown=few)

    def text(self, column: str) -> None:
        """Take the respondent's own words from a column."""
        if column:
            self.taken.add(column)
            self.texts.append({"column": column, "title": self.sample.title(column)})

    def rating(self, column: str, measure: str, scale: Any, *, code: str = "", **more: Any) -> None:
        """Take a rating whose measure and scale the export declares."""
        if column:
            self.taken.add(column)
            self.answers.append(
                {"code": self._code(code or measure), "column": column, "measure": measure, "scale": scale, **more}
            )

    def ask_rating(self, column: str, **more: Any) -> None:
        """Ask what a rating measures and on which scale."""
        if not column:
            return
        self.taken.add(column)
        values = sorted(set(self.sample.told(column)), key=_by_number)
        self.questions.append(
            Said(
                "What does '%(column)s' (values met: %(values)s) measure, and on which scale? Write measure as nps, "
                "ces, csat, emotion or a name of your own, and scale as a code (nps_0_10, ces_1_7, csat_1_5, yes_no) "
                "or as %(example)s. If it is no rating, remove it.",
                column=self.sample.title(column),
                values=", ".join(values[:12]),
                example=OWN_SCALE,
            )
        )
        code = self._code(slug(self.sample.title(column)))
        self.answers.append({"code": code, "column": column, "measure": "?", "scale": "?", **more})

    def keep(self, column: str, **more: Any) -> None:
        """Keep an answer as it was told, outside every measure."""
        if not column:
            return
        self.taken.add(column)
        self.answers.append({"code": self._code(slug(self.sample.title(column))), "column": column, **more})

    def choices(self, title: str, columns: Mapping[str, str], *, missing: Sequence[str] = ()) -> None:
        """Take a question with several choices, each of which has a column of its own."""
        self.taken |= set(columns)
        answer: dict[str, Any] = {"code": self._code(slug(title)), "columns": dict(columns)}
        self.answers.append(answer | ({"missing": list(missing)} if missing else {}))

    def question(self, column: str) -> None:
        """Take a question of which the export tells no more than its words and its answers."""
        told = self.sample.told(column)
        if is_text(told):
            self.text(column)
        elif told and are_numbers(tuple(map(leading, told))) and asks_to_rate(self.sample.title(column)):
            self.ask_rating(column, **map_of(told))
        else:
            self.keep(column)
            if told and are_numbers(told):
                kept = Said(
                    "'%(column)s' is kept as it was told, outside every measure", column=self.sample.title(column)
                )
                self.notes.append(kept)

    def leave_out(self, column: str, values: Sequence[str], says: Said) -> None:
        """Refuse the records that have one of these values in the column."""
        if column:
            self.taken.add(column)
            self.rules.append({"where": {column: list(values)}, "says": says})

    def _code(self, wanted: str) -> str:
        return self._free(wanted if wanted.strip("-_") else "answer", {answer["code"] for answer in self.answers})

    def _free(self, wanted: str, used: Iterable[str]) -> str:
        code, again, known = wanted[:60], 2, set(used)
        while code in known:
            code, again = f"{wanted[:56]}-{again}", again + 1
        return code

    def proposal(self, say: Callable[[Said], str]) -> Proposal:
        """Return the mapping as TOML, with what is still open."""
        if self.texts:
            self.raw["verbatim"] = self.texts if len(self.texts) > 1 else [self.texts[0]["column"]]
        rules = [{**rule, "says": say(rule["says"])} for rule in self.rules]
        for key, value in (
            ("drop", self.drops), ("leave_out", rules), ("attributes", self.attributes), ("answers", self.answers),
        ):  # fmt: skip
            if value:
                self.raw[key] = value
        head = say(Said("Proposed for an export of %(tool)s. Change what is not so.", tool=self.title))
        return Proposal(write(self.raw, comments=(head,)), tuple(self.questions), tuple(self.notes))


def asks_to_rate(words: str) -> bool:
    """Tell whether a question seems to ask for a rating."""
    return bool(_RATES.search(words))


def are_numbers(told: Sequence[str]) -> bool:
    """Tell whether every one of these says a number."""
    try:
        return all(number(text) is not None for text in told)
    except ValueError:
        return False


def leading(told: str) -> str:
    """Return the number with which a choice begins ("10 - Extremely likely"), or the text itself."""
    match = _LED.fullmatch(told)
    return match.group(1) if match else told


def map_of(told: Iterable[str]) -> dict[str, Any]:
    """Return the map by which choices that begin with a number are read as that number."""
    led = {text: leading(text) for text in sorted(set(told)) if leading(text) != text}
    return {"map": led} if led else {}


def is_text(told: Sequence[str]) -> bool:
    """Tell whether these are the respondents' own words rather than choices from a list."""
    if not told or are_numbers(told):
        return False
    long = sum(map(len, told)) / len(told) >= _WORDS_OF_ONE_TEXT and len(set(told)) > len(told) / 2
    return long or any(len(text) > 120 for text in told)


def _by_number(text: str) -> tuple[float, str]:
    try:
        return number(text), text
    except ValueError:
        return float("inf"), text
