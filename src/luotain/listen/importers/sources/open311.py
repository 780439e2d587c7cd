"""Open311 (GeoReport v2): service requests of cities as JSON, and the stores of systems that are built on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from luotain.language.said import Said
from luotain.listen.importers.jsonfile import flat
from luotain.listen.importers.problem import NotReadable
from luotain.listen.importers.sources.base import Draft, Source

_OTHERS = Said("not a service request")


class Open311Importer(Source):
    """Reads service requests."""

    name = "open311"
    title = "Open311"

    def knows_record(self, record: Mapping[str, Any]) -> bool:
        """A request has a service and a time; a stored one stands among other rows, each with its model."""
        if {"model", "fields"} <= record.keys():
            return str(record["model"]).startswith("issues.")
        return "service_code" in record and bool(record.keys() & {"requested_datetime", "service_name"})

    def cells(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Take the request out of the row that stores it."""
        fields = record.get("fields")
        if not isinstance(fields, Mapping):
            return flat(record)
        return {"model": str(record.get("model", "")), **flat(fields)}

    def draft(self, draft: Draft) -> None:
        """Write down what the columns mean; places and persons are left out."""
        requested = draft.find("requested_datetime")
        if not requested:
            raise NotReadable(Said("this is a list of services, not of requests: export the service requests"))
        ids = [draft.find("service_request_id", "identifier")]
        draft.begin(source="open311", feedback="complaint", ids=ids, name="city-services")
        draft.time(requested, "iso")
        model = draft.find("model")
        others = sorted(set(draft.sample.told(model)) - {"issues.issue"}) if model else []
        if model:
            draft.leave_out(model, others or ["issues.jurisdiction"], _OTHERS)
        draft.text(draft.find("description"))
        for code in ("service_name", "service_code", "status", "agency_responsible", "title"):
            draft.attribute(code, draft.find(code), breakdown=code != "title")
        draft.drop(*draft.rest)
