"""Tickets and complaints: Zendesk, Zammad, and the shape of the United States' consumer complaints (CFPB)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from luotain.listen.importers.jsonfile import flat, text_of
from luotain.listen.importers.sources.base import Draft, Source

_HELPED = {"code": "helped_0_1", "low": 0, "high": 1, "poor_to": 0, "good_from": 1}
_CHANNELS = {
    "email": "email", "Mail": "email", "mail": "email", "Email": "email", "web": "web", "Web": "web",
    "Web form": "web", "chat": "chat", "Chat": "chat", "phone": "phone", "Phone": "phone", "voice": "phone",
    "sms": "sms", "SMS": "sms", "facebook": "social", "twitter": "social", "telegram": "social",
    "Postal mail": "letter", "Referral": "referral", "Fax": "fax",
}  # fmt: skip


class ZendeskImporter(Source):
    """Reads tickets of Zendesk: the export of a view (CSV), and the full export of the account (JSON)."""

    name = "zendesk"
    title = "Zendesk"

    def knows_columns(self, columns: set[str]) -> bool:
        """The columns of an exported view."""
        return {"subject", "requester", "status"} <= columns and bool(
            columns & {"satisfaction", "satisfaction score", "ticket form", "group", "brand", "via"}
        )

    def knows_record(self, record: Mapping[str, Any]) -> bool:
        """A ticket has a subject, a requester, and the way by which it came."""
        return {"subject", "requester_id", "via"} <= record.keys()

    def cells(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Keep what the ticket says, and leave the answers of the staff and the fields of the account aside."""
        kept = ("id", "created_at", "subject", "description", "status", "priority", "type", "tags", "group_id",
                "brand_id", "satisfaction_rating", "requester_id")  # fmt: skip
        cells = flat({key: record[key] for key in kept if key in record})
        cells["channel"] = text_of((record.get("via") or {}).get("channel"))
        return cells

    def draft(self, draft: Draft) -> None:
        """Write down what the columns mean."""
        draft.begin(source="zendesk", feedback="email", ids=[draft.find("Id", "Ticket ID", "id")], name="service")
        draft.time(draft.find("Created at", "Created", "Requested", "created_at"))
        draft.cell("channel", draft.find("channel", "Via", "Channel"), map=_CHANNELS, otherwise="web", create=True)
        _texts(draft, "Subject", "subject", "Description", "description")
        score = draft.find("satisfaction_rating.score", "Satisfaction Score", "Satisfaction", "Satisfaction rating")
        draft.rating(
            score, "ticket_satisfaction", _HELPED, code="satisfaction",
            map={"good": "1", "Good": "1", "bad": "0", "Bad": "0"},
            missing=["offered", "Offered", "unoffered", "Unoffered", "Not Offered", "-"],
        )  # fmt: skip
        draft.text(draft.find("satisfaction_rating.comment", "Satisfaction comment"))
        for code, names in (
            ("status", ("Status", "status")), ("priority", ("Priority", "priority")), ("type", ("Type", "type")),
            ("group", ("Group", "group_id")), ("brand", ("Brand", "brand_id")), ("tags", ("Tags", "tags")),
        ):  # fmt: skip
            draft.attribute(code, draft.find(*names))
        draft.drop(*draft.rest)


class ZammadImporter(Source):
    """Reads tickets of Zammad: its reports (CSV, XLSX) and the records of its API (JSON)."""

    name = "zammad"
    title = "Zammad"

    def knows_columns(self, columns: set[str]) -> bool:
        """The columns of a report of tickets."""
        number = bool(columns & {"number", "#", "ticket#"})
        return number and {"title", "customer", "state", "priority"} <= columns

    def knows_record(self, record: Mapping[str, Any]) -> bool:
        """A ticket has a number, a title and a group; a webhook carries it beside its first article."""
        ticket = record.get("ticket") if isinstance(record.get("ticket"), Mapping) else record
        return (
            isinstance(ticket, Mapping)
            and {"number", "title", "created_at"} <= ticket.keys()
            and bool(ticket.keys() & {"group", "group_id"})
        )

    def cells(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Bring the ticket and its article side by side."""
        ticket = record["ticket"] if isinstance(record.get("ticket"), Mapping) else record
        names = ("id", "number", "title", "group", "priority", "state", "created_at", "create_article_type", "tags",
                 "note")  # fmt: skip
        cells = {name: _name_of(ticket[name]) for name in names if name in ticket}
        article = record.get("article") or (ticket.get("articles") or [{}])[0]
        if isinstance(article, Mapping) and article.get("body"):
            cells["body"] = text_of(article["body"])
        return cells

    def draft(self, draft: Draft) -> None:
        """Write down what the columns mean."""
        draft.begin(source="zammad", feedback="email", ids=[draft.find("number", "#", "Ticket#")], name="service")
        draft.time(draft.find("created_at", "Created at", "Created"))
        way = draft.find("create_article_type", "Create Channel", "Channel")
        draft.cell("channel", way, map=_CHANNELS, otherwise="web", create=True)
        _texts(draft, "title", "body")
        for code, names in (
            ("state", ("state",)), ("priority", ("priority",)), ("group", ("group",)), ("tags", ("tags",)),
        ):  # fmt: skip
            draft.attribute(code, draft.find(*names))
        draft.drop(*draft.rest)


class ComplaintsImporter(Source):
    """Reads complaints in the shape of the Consumer Financial Protection Bureau (CSV, JSON)."""

    name = "cfpb"
    title = "CFPB"

    def knows_columns(self, columns: set[str]) -> bool:
        """A complaint tells when it was received and what the consumer says."""
        told = columns & {"consumer complaint narrative", "complaint_narrative", "complaint_what_happened"}
        return bool(told) and bool(columns & {"date received", "date_received"})

    def knows_record(self, record: Mapping[str, Any]) -> bool:
        """The same in JSON, be it wrapped by a search or not."""
        inner = record.get("_source", record)
        return isinstance(inner, Mapping) and {"date_received", "complaint_what_happened"} <= inner.keys()

    def cells(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Take the complaint out of what a search wraps around it."""
        inner = record.get("_source")
        return flat(inner if isinstance(inner, Mapping) else record)

    def draft(self, draft: Draft) -> None:
        """Write down what the columns mean."""
        ids = [draft.find("Complaint ID", "complaint_id")] if draft.find("Complaint ID", "complaint_id") else []
        draft.begin(source="cfpb", feedback="complaint", ids=ids, name="complaint")
        # the Bureau writes its dates as Americans do
        draft.time(draft.find("Date received", "date_received"), "iso", "%m/%d/%Y", "%m/%d/%y", time_zone="UTC")
        told = draft.find("Consumer complaint narrative", "complaint_narrative", "complaint_what_happened")
        draft.text(told)
        draft.raw["language"] = "en"
        draft.cell("channel", draft.find("Submitted via", "submitted_via"), map=_CHANNELS, otherwise="web", create=True)
        for code, names in (
            ("company", ("Company", "company_name", "company")), ("product", ("Product", "product_name", "product")),
            ("issue", ("Issue", "issue")), ("state", ("State", "state")),
            ("resolution", ("Company response to consumer", "resolution", "company_response")),
            ("timely", ("Timely response?", "timely")),
        ):  # fmt: skip
            draft.attribute(code, draft.find(*names))
        draft.attribute("date_closed", draft.find("date_closed"), breakdown=False)
        draft.drop(*draft.rest)


def _texts(draft: Draft, *names: str) -> None:
    for name in names:
        column = draft.find(name)
        if column and column not in draft.taken:
            draft.text(column)
    for text in draft.texts:
        text.pop("title", None)


def _name_of(value: Any) -> str:
    """An expanded record names a group or state by an object, a plain one by its name."""
    return text_of(value.get("name")) if isinstance(value, Mapping) else text_of(value)
