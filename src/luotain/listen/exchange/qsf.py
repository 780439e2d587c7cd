"""Qualtrics survey files (QSF) in: blocks, questions and their translations.

The shape is that of files which Qualtrics itself writes; choices come as a list or as an object, the survey's blocks
too. A question of the kind NPS is 0–10 there, unless a script has changed it: then it is asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from luotain.language.said import Said
from luotain.listen.drafting import Draft
from luotain.listen.exchange.carried import (
    CannotExchange,
    Carried,
    Decided,
    Gathering,
    Texts,
    languages_of,
    numbers,
    spoken,
)
from luotain.listen.questionnaire import Item
from luotain.terms import SCALES, MeasureName, QuestionKind

_MOST_STARS = 101
_TEXT, _NOTHING = frozenset({"TE"}), frozenset({"DB", "Captcha", "Timing", "Meta"})


def read_qsf(found: Mapping[str, Any], decided: Mapping[str, Decided]) -> Carried:
    """Read a QSF file; raises :class:`CannotExchange` for one without questions."""
    entry, elements = found.get("SurveyEntry"), found.get("SurveyElements")
    if not isinstance(entry, dict) or not isinstance(elements, list):
        raise CannotExchange(Said("this is no whole QSF file: export the survey from Qualtrics again"))
    elements = [element for element in elements if isinstance(element, dict)]
    asked = {
        str(element["Payload"].get("QuestionID")): element["Payload"]
        for element in elements
        if element.get("Element") == "SQ" and isinstance(element.get("Payload"), dict)
    }
    if not asked:
        raise CannotExchange(Said("the file holds no question: export the survey from Qualtrics again"))
    gathering = Gathering(decided)
    main = str(entry.get("SurveyLanguage") or "en")
    for page, name in _in_order(elements):
        payload = asked.pop(name, None)
        if payload is not None:
            _question(payload, page, main, gathering)
    for payload in asked.values():
        gathering.note(str(payload.get("DataExportTag")), Said("in no block of the survey, or in the trash: left out"))
    if _scripted(elements):
        gathering.note("", Said("a script for the whole survey was left out: look at what it did"), asks=True)
    title = spoken({"": str(entry.get("SurveyName") or "")}, main="en")
    questions = tuple(gathering.questions)
    return Carried("qualtrics", Draft(title, languages_of(questions), questions), tuple(gathering.notes))


def _in_order(elements: list[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    """Yield the page and the id of each question, as the blocks have them; the trash is left out."""
    page = 1
    for element in elements:
        if element.get("Element") != "BL":
            continue
        for block in _objects(element.get("Payload")):
            if block.get("Type") == "Trash":
                continue
            for part in _objects(block.get("BlockElements")):
                page += part.get("Type") == "Page Break"
                if part.get("Type") == "Question":
                    yield page, str(part.get("QuestionID"))
            page += 1


def _objects(told: object) -> list[dict[str, Any]]:
    """Return the objects of a list, or of an object whose keys only number them."""
    parts = list(told.values()) if isinstance(told, dict) else told if isinstance(told, list) else []
    return [part for part in parts if isinstance(part, dict)]


def _scripted(elements: list[dict[str, Any]]) -> bool:
    options = [element.get("Payload") for element in elements if element.get("Element") == "SO"]
    told = [str(part.get(key) or "") for part in options if isinstance(part, dict) for key in ("Header", "Footer")]
    return any("<script" in text.lower() for text in told)


def _question(payload: Mapping[str, Any], page: int, main: str, gathering: Gathering) -> None:
    name = str(payload.get("DataExportTag") or payload.get("QuestionID") or "question")
    kind, selector = str(payload.get("QuestionType")), str(payload.get("Selector"))
    if kind in _NOTHING:
        gathering.note(name, Said("a text or a device that asks nothing: left out"))
        return
    text = _texts(payload, "QuestionText", main, gathering, name)
    item = Item(name, QuestionKind.TEXT, required=_forced(payload), page=page)
    _tell_of(payload, name, gathering)
    if kind == "MC" and selector == "NPS":
        _nps(item, payload, text, gathering)
    elif kind == "MC":
        several = selector.startswith("MA") or selector == "MSB"
        options = _parts(payload, "Choices", main)
        held = Item(name, QuestionKind.MULTI if several else QuestionKind.CHOICE, required=item.required, page=page)
        gathering.add(held, text, {}, options)
    elif kind in _TEXT:
        gathering.add(item, text, {})
    elif kind == "Slider" and selector == "STAR" and 1 < (stars := _stars(payload)) < _MOST_STARS:
        gathering.rated(item, text, {}, numbers(1, stars))
    elif kind == "Matrix" and selector == "Likert":
        columns = [said for _, texts in _parts(payload, "Answers", main) for said in list(texts.values())[:1]]
        gathering.table(item, text, {}, _parts(payload, "Choices", main), columns)
    elif kind == "FileUpload":
        gathering.add(Item(name, QuestionKind.FILE, page=page), text, {})
    else:
        gathering.left_out(name, f"{kind} {selector}")


def _nps(item: Item, payload: Mapping[str, Any], text: Texts, gathering: Gathering) -> None:
    """Take a question of the kind NPS as one only where nothing says that it is asked on other points than 0–10."""
    points = [said for _, texts in _parts(payload, "Choices", "en") for said in list(texts.values())[:1]]
    whole = points == [str(point) for point in range(11)]
    if payload.get("QuestionJS"):
        gathering.note(
            item.code,
            Said("a script changes this NPS question, often to 1–10: look at it, and decide its measure and scale"),
            asks=True,
        )
    if whole and not payload.get("QuestionJS"):
        held = Item(
            item.code, QuestionKind.SCORE, MeasureName.NPS.value, SCALES["nps_0_10"], required=item.required,
            page=item.page,
        )  # fmt: skip
        gathering.add(held, text, {})
        return
    gathering.rated(item, text, {}, [(point, {"en": point}) for point in points] or numbers(0, 10))


def _stars(payload: Mapping[str, Any]) -> int:
    settings = payload.get("Configuration")
    told = settings.get("StarCount") if isinstance(settings, dict) else 0
    return told if isinstance(told, int) else 0


def _forced(payload: Mapping[str, Any]) -> bool:
    validation = payload.get("Validation")
    settings = validation.get("Settings") if isinstance(validation, dict) else None
    return isinstance(settings, dict) and settings.get("ForceResponse") == "ON"


def _tell_of(payload: Mapping[str, Any], name: str, gathering: Gathering) -> None:
    if payload.get("DisplayLogic"):
        gathering.note(name, Said("it was shown under a condition: build the condition again"))
    if payload.get("QuestionJS") and payload.get("Selector") != "NPS":
        gathering.note(name, Said("a script of its own was left out: look at what it did"), asks=True)
    validation = payload.get("Validation")
    settings = validation.get("Settings") if isinstance(validation, dict) else None
    if isinstance(settings, dict) and settings.get("Type") == "CustomValidation":
        gathering.note(name, Said("its own rules for what may be answered were left out"))


def _texts(
    payload: Mapping[str, Any], key: str, main: str, gathering: Gathering | None = None, name: str = ""
) -> Texts:
    told = {main: str(payload.get(key) or "")}
    for language, part in _languages(payload):
        told.setdefault(language, str(part.get(key) or ""))
    return spoken(told, main=main, gathering=gathering, question=name)


def _languages(payload: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    told = payload.get("Language")
    if isinstance(told, dict):
        yield from ((str(name), part) for name, part in told.items() if isinstance(part, dict))


def _parts(payload: Mapping[str, Any], key: str, main: str) -> list[tuple[str, Texts]]:
    """Return choices or rows with their texts, in the order in which they are shown."""
    by_id = _displays(payload.get(key))
    order = payload.get("ChoiceOrder" if key == "Choices" else "AnswerOrder")
    ids = [str(one) for one in order if str(one) in by_id] if isinstance(order, list) else []
    translated = [(language, _displays(part.get(key))) for language, part in _languages(payload)]
    found = []
    for one in ids or by_id:
        told = {main: by_id[one]} | {name: part[one] for name, part in translated if one in part and name != main}
        found.append((one, spoken(told, main=main)))
    return found


def _displays(told: object) -> dict[str, str]:
    parts: Any = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    return {str(key): str(part.get("Display") or "") for key, part in parts if isinstance(part, dict)}
