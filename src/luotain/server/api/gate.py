"""The gate of the API: whose key it is, and errors that name the field and the remedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer
from pydantic import Field

from luotain import __version__
from luotain.server.models.people import AccessToken
from luotain.server.operations.listen.exchange import KeyReused, NoKey, NotAllowed
from luotain.server.operations.people.tokens import open_token


class Problem(Schema):
    """Why a request was not carried out. Nothing of it was taken in."""

    error: str = Field(description="What is wrong, in a plain sentence.")
    field: str = Field("", description="Where, as a path into the body (items.3.answers.0.value).")
    remedy: str = Field("", description="What to do about it.")


#: what every operation may answer beside its own
PROBLEMS = dict.fromkeys((400, 401, 403, 409, 413, 422), Problem)


class Key(HttpBearer):
    """A key made with ``luotain token create``, sent as ``Authorization: Bearer …``."""

    def authenticate(self, request: HttpRequest, token: str) -> AccessToken | None:
        """Return the key behind the secret."""
        return open_token(secret=token, now=timezone.now())


def secret_of(request: HttpRequest) -> str:
    """Return the secret that a request carries, "" where it carries none."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return secret if scheme.lower() == "bearer" else ""


api = NinjaAPI(
    title="Luotain",
    version=__version__,
    description="Send feedback and interactions to Luotain. Every request carries a key: Authorization: Bearer …",
    urls_namespace="api",
    # The ready-made documentation pages load scripts from outside, so there are none: openapi.json says it all.
    docs_url=None,
    auth=Key(),
)


def answer(request: HttpRequest, status: int, error: str, *, field: str = "", remedy: str = "") -> HttpResponse:
    """Answer with a problem."""
    return api.create_response(request, {"error": error, "field": field, "remedy": remedy}, status=status)


@api.exception_handler(NoKey)
@api.exception_handler(AuthenticationError)
def _no_key(request: HttpRequest, problem: Exception) -> HttpResponse:
    response = answer(
        request, 401, "The request has no key that opens this.",
        remedy="Send a key as: Authorization: Bearer KEY. Make one with: luotain token create",
    )  # fmt: skip
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, problem: HttpError) -> HttpResponse:
    if problem.status_code == 400:
        return answer(
            request, 400, "The body could not be read as JSON.", remedy="Send one JSON object, encoded as UTF-8."
        )
    return answer(request, problem.status_code, problem.message)


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, problem: RequestDataTooBig) -> HttpResponse:
    return answer(request, 413, "The body is too large.", remedy="Send it in smaller batches.")


@api.exception_handler(NotAllowed)
def _not_allowed(request: HttpRequest, problem: NotAllowed) -> HttpResponse:
    return answer(
        request, 403, str(problem), field=problem.field,
        remedy="Use a key of a unit and role that may, or correct the unit.",
    )  # fmt: skip


@api.exception_handler(KeyReused)
def _key_reused(request: HttpRequest, problem: KeyReused) -> HttpResponse:
    return answer(
        request, 409, "This Idempotency-Key came earlier with another body.", field="Idempotency-Key",
        remedy="Use a new key for a new request; the same key only to send the same request again.",
    )  # fmt: skip


@api.exception_handler(ValidationError)
def _does_not_fit(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    first: dict[str, Any] = problem.errors[0] if problem.errors else {"msg": "the request does not fit"}
    # The first parts name our own wrapping ("body", "payload", "batch"), not the sender's fields.
    path = [str(part) for part in first.get("loc", ()) if part not in ("body", "payload", "header", "batch", "one")]
    message = str(first["msg"]).removeprefix("Value error, ")
    return answer(
        request, 422, message[:1].upper() + message[1:], field=".".join(path).removeprefix("root."),
        remedy="Correct this field; openapi.json tells what each field takes.",
    )  # fmt: skip


class NotTaken(ValueError):
    """The one record of a request was refused."""

    def __init__(self, rejection: Mapping[str, Any]) -> None:
        super().__init__(rejection["error"])
        self.rejection = rejection


@api.exception_handler(NotTaken)
def _not_taken(request: HttpRequest, problem: NotTaken) -> HttpResponse:
    what, _colon, remedy = str(problem.rejection["error"]).rpartition(": ")
    return answer(request, 422, what or remedy, field=str(problem.rejection["field"]), remedy=remedy if what else "")
