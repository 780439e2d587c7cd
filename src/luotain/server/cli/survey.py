"""``luotain survey``: questionnaires out as SurveyJS, and in from the files of other tools, as drafts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from luotain.server.cli.setup import ready, stop

if TYPE_CHECKING:
    from luotain.listen.exchange.carried import Decided
    from luotain.server.operations.listen.questionnaire_files import BroughtIn

survey_app = typer.Typer(name="survey", help="Questionnaires: list them, write them to files, read them from files.")
_FORMATS = ("surveyjs",)


@survey_app.command("list")
def list_surveys(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """List the questionnaires by their codes."""
    ready()
    from django.utils import timezone

    from luotain.server.models.base import in_language
    from luotain.server.operations.listen.questionnaires import overview

    rows = [
        {
            "code": row.newest.code,
            "title": in_language(row.newest.title),
            "version": row.newest.version,
            "draft": row.newest.published_at is None,
            "languages": row.newest.languages,
        }
        for row in overview(now=timezone.now())
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        state = "draft" if row["draft"] else "published"
        typer.echo(f"{row['code']:<32} v{row['version']} {state:<10} {row['title']}")


@survey_app.command("export")
def export_survey(
    code: Annotated[str, typer.Argument(help="The questionnaire's code, as `luotain survey list` tells it.")],
    form: Annotated[str, typer.Option("--format", help="The format: surveyjs.")] = "surveyjs",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write; else it is printed.")
    ] = None,
) -> None:
    """Write the newest version of a questionnaire as a SurveyJS definition; nothing of it is lost."""
    if form not in _FORMATS:
        raise stop(f"There is no format {form!r}. There are: {', '.join(_FORMATS)}.")
    ready()
    from luotain.server.models.listen import Instrument
    from luotain.server.operations.listen.questionnaire_files import export_questionnaire

    try:
        written = json.dumps(export_questionnaire(code=code), ensure_ascii=False, indent=2)
    except Instrument.DoesNotExist:
        raise stop(f"There is no questionnaire {code!r}: luotain survey list tells which there are.") from None
    if output is None:
        typer.echo(written)
        return
    try:
        output.write_text(written + "\n", encoding="utf-8")
    except OSError as problem:
        raise stop(f"{output} cannot be written: {problem.strerror}.") from None


@survey_app.command("import")
def import_survey(
    file: Annotated[
        Path,
        typer.Argument(
            help="A file of SurveyJS (.json), Qualtrics (.qsf) or LimeSurvey (.lss), or an XLSForm (.xlsx)."
        ),
    ],
    code: Annotated[str, typer.Option(help="The questionnaire whose draft it becomes; new where there is none.")] = "",
    measure: Annotated[
        list[str] | None,
        typer.Option(help="What a rating measures, and on which scale: QUESTION=MEASURE@SCALE, as Q1=csat@csat_1_5."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would come in, and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Read a questionnaire of another tool into a draft. What is not carried over is told question by question."""
    ready()
    from django.utils import timezone

    from luotain.listen.exchange.carried import CannotExchange
    from luotain.server.operations.listen.drafts import DraftProblem
    from luotain.server.operations.listen.questionnaire_files import bring_in_questionnaire

    try:
        outcome = bring_in_questionnaire(
            data=file.read_bytes(),
            code=code,
            decided=_decided(measure or ()),
            dry_run=dry_run,
            by=None,
            now=timezone.now(),
        )
    except OSError as problem:
        raise stop(f"{file} cannot be read: {problem.strerror}.") from None
    except (CannotExchange, DraftProblem) as problem:
        raise stop(problem.said) from None
    told = _told(outcome)
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else _in_words(told))


def _decided(measures: Sequence[str]) -> dict[str, Decided]:
    from luotain.server.operations.listen.drafts import DraftProblem
    from luotain.server.operations.listen.questionnaire_files import decided_as

    found: dict[str, Decided] = {}
    for told in measures:
        question, _, rest = told.rpartition("=")
        measure, _, scale = rest.partition("@")
        if not (question and measure and scale):
            raise stop(f"{told!r} is not QUESTION=MEASURE@SCALE, as Q1=csat@csat_1_5.")
        try:
            found[question] = decided_as(measure=measure, scale=scale)
        except DraftProblem as problem:
            raise stop(problem.said) from None
    return found


def _told(outcome: BroughtIn) -> dict[str, Any]:
    carried = outcome.carried
    return {
        "format": carried.format,
        "code": outcome.code,
        "questions": len(carried.draft.questions),
        "languages": list(carried.draft.languages),
        "dry_run": outcome.instrument is None,
        "changed": outcome.changed,
        "notes": [{"question": note.question, "says": str(note.said), "asks": note.asks} for note in carried.notes],
    }


def _in_words(told: dict[str, Any]) -> str:
    state = "nothing is written" if told["dry_run"] else "in the draft" if told["changed"] else "as it was"
    lines = [f"{told['format']}: {told['questions']} questions, questionnaire {told['code']}, {state}."]
    for note in told["notes"]:
        mark = "?" if note["asks"] else "-"
        lines.append(f"  {mark} {note['question'] or 'the survey'}: {note['says']}")
    return "\n".join(lines)
