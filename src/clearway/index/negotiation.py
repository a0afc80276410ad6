"""Which kinds of listing are asked for, and which parser reads what came (PEP 691, "Version + Format Selection")."""

from __future__ import annotations

import re

from clearway.index.entries import Keep, keep_all
from clearway.index.json_page import check_version, parse_json
from clearway.index.records import Listing
from clearway.model.names import NormalizedName

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
"""The Accept header for a listing: JSON rather than HTML, and servers that know neither type send HTML."""

_SIMPLE = re.compile(r"application/vnd\.pypi\.simple\.(v(?P<major>[^+]*)|latest)\+(?P<format>json|html)")
_FORMATS = {"application/json": "json", "text/html": "html", "application/xhtml+xml": "html"}


def parse_listing(content: bytes, content_type: str, url: str, name: NormalizedName, keep: Keep = keep_all) -> Listing:
    """Read a listing of whichever kind came.

    :param content_type: the header as sent; where it is empty, as for local files, the content tells.
    :param url: where the page came from, after redirects.
    :param keep: which files are wanted; the others are left out unread.
    :raises IndexFailure: ``not-a-listing``, ``bad-listing``, ``unsupported-listing``.
    """
    kind = content_type.partition(";")[0].strip().lower()
    simple = _SIMPLE.fullmatch(kind)
    if simple is not None and simple["major"] is not None:
        check_version(f"{simple['major']}.0", url)
    form = simple["format"] if simple is not None else _FORMATS.get(kind)
    if not kind:
        form = "json" if content.lstrip()[:1] == b"{" else "html"
    if form == "json":
        return parse_json(content, url, name, keep)

    from clearway.index.html_page import not_a_listing, parse_html  # late: most indexes answer JSON

    if form is None:
        raise not_a_listing(url, "", content_type)
    return parse_html(content, url, name, keep)
