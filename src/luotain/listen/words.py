"""A person's own words out of a letter: HTML to text, and what was quoted or stands below the name cut away.

The rules are plain, so that anybody can tell why a line went; what arrived is kept whole beside the words for a while.
A line goes when it is quoted (">"), and everything goes from the first line that

1. is the mark of a signature ("-- "),
2. introduces what is answered ("On Monday Anna wrote:", "Anna kirjoitti ma 3.2.:", "Den 3 februari skrev Anna:"),
3. is the line that a mail program draws above it ("-----Original Message-----"), or
4. begins a block of its headers ("From: …" followed by "Sent: …" or "Date: …").

Last go the lines that a phone adds ("Sent from my iPhone"). When nothing would be left, the whole text stays.
"""

from __future__ import annotations

import html
import re

import nh3

#: characters of HTML and of text that are looked at; the rest is no letter any more
_MOST = 500_000
_LINES = 5_000
#: tags of HTML that are looked at: a letter has fewer, and ten thousand inside each other already take half a second
_TAGS = 10_000
#: longer than any line by which a mail program introduces a quotation
_LONGEST_MARK = 300

_BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "hr"})
#: nothing inside these is the person's own: quoted letters stand in a blockquote in every mail program
_DROPPED = {"script", "style", "blockquote", "title", "noscript", "template"}
_BREAK = re.compile(r"<(?:br|hr)>|</(?:p|div|li|tr|h[1-6]|ul|ol|table)>")
_TAG = re.compile(r"<[^<>]{0,200}>")
_SPACE = re.compile(r"[ \t\xa0]+")
_EMPTY_LINES = re.compile(r"\n{3,}")

_SIGNATURE = re.compile(r"--\s?|__+|—")
_DRAWN = re.compile(
    r"[-_ ]{2,20}(?:original message|forwarded message|alkuperäinen viesti|välitetty viesti|edelleenlähetetty viesti"
    r"|ursprungligt meddelande|vidarebefordrat meddelande)[-_ ]{0,20}",
    re.IGNORECASE,
)
#: how a quotation is introduced: the line ends so, and has a date, an address or a verb of writing in it
_WROTE = re.compile(r"(?:\bwrote|\bkirjoitti\b.{0,120}|\bskrev\b.{0,120}|\bschrieb\b.{0,120})\s?:$", re.IGNORECASE)
_FROM = re.compile(r"\*?(?:from|lähettäjä|från|von)\s?:\*?\s", re.IGNORECASE)
_SENT = re.compile(
    r"\*?(?:sent|date|to|subject|lähetetty|päivämäärä|pvm|vastaanottaja|aihe|skickat|datum|till|ämne)\s?:",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?:sent from (?:my|outlook|yahoo)|get outlook for"
    r"|lähetetty (?:\w{1,20} )?(?:iphone|ipad|android|puhelime|samsung)"
    r"|skickat från min|hämta outlook|hanki outlook).{0,80}",
    re.IGNORECASE,
)


def text_of_html(source: str) -> str:
    """Return the text of an HTML letter without what it quotes; a broken or hostile one gives what can be read."""
    # Half a character, as a broken sender writes it, is no text that can be read.
    whole = source[:_MOST].encode("utf-8", "replace").decode()
    source = "<".join(whole.split("<")[: _TAGS + 1])
    # Of all tags only those that end a line are left; what they enclose stays.
    kept = nh3.clean(source, tags=set(_BREAKS), clean_content_tags=_DROPPED, attributes={}, strip_comments=True)
    kept = _BREAK.sub("\n", kept.replace("\r", "").replace("\n", " "))
    return _tidy(html.unescape(_TAG.sub("", kept)))


def own_words(letter: str) -> str:
    """Return what the writer of a letter wrote themselves; see the rules above."""
    lines = _tidy(letter[:_MOST]).split("\n")[:_LINES]
    kept: list[str] = []
    for place, line in enumerate(lines):
        if _ends(lines, place):
            break
        if not line.startswith((">", "|>")):
            kept.append(line)
    while kept and (not kept[-1] or (len(kept[-1]) < _LONGEST_MARK and _PHONE.fullmatch(kept[-1]))):
        kept.pop()
    return _tidy("\n".join(kept)) or _tidy("\n".join(lines))


def _ends(lines: list[str], place: int) -> bool:
    """Tell whether the writer's own words end before this line."""
    line = lines[place]
    if not line or len(line) > _LONGEST_MARK:
        return False
    if _SIGNATURE.fullmatch(line) or _DRAWN.fullmatch(line):
        return True
    if _FROM.match(line) and any(_SENT.match(later[:_LONGEST_MARK]) for later in lines[place + 1 : place + 4]):
        return True
    return _introduces(lines, place)


def _introduces(lines: list[str], place: int) -> bool:
    """Tell whether this line, alone or with the next, introduces a quotation: something quoted or the end follows."""
    for length in (1, 2):
        told = " ".join(lines[place : place + length])
        if len(told) > _LONGEST_MARK or not _WROTE.search(told):
            continue
        after = next((line for line in lines[place + length :] if line), ">")
        if after.startswith(">") or any(mark.isdigit() or mark == "@" for mark in told):
            return True
    return False


def _tidy(text: str) -> str:
    """Return the text with line ends, spaces and empty lines in order."""
    lines = (_SPACE.sub(" ", line).strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()
