"""Reasons of refusals: each vendor's form, which of several wins, and what hostile servers cannot do."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.policy.bodies import decode, json_lines, title_of, visible_lines, xml_lines
from clearway.policy.reasons import START, page_title, read_reason
from clearway.policy.wording import LIMIT, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NEXUS_PAGE = b"""<!DOCTYPE html>
<html lang="en"><head><title>403 - Sonatype Nexus Repository</title>
<script>document.title = "Tell nobody";</script><style>.title { color: red }</style></head>
<body><div class="nexus-header"><a href="/"><span class="product-name">Sonatype Nexus Repository</span></a></div>
<div class="nexus-body"><h1><span class="title">Error 403</span> <span class="description">Forbidden</span></h1>
<div class="content-section">%s</div></div></body></html>"""
ARROWS = (
    "-------------------->>> REQUESTED ITEM IS QUARANTINED -------------------->>> "
    "FOR DETAILS SEE ------>>> https://iq.example.com/ui/links/quarantinedComponent/YWU1MWQ1 <<<------"
)
QUARANTINED = (
    "REQUESTED ITEM IS QUARANTINED FOR DETAILS SEE https://iq.example.com/ui/links/quarantinedComponent/YWU1MWQ1"
)
XRAY = "Artifact download request rejected: demo-1.0.whl was not downloaded due to the download blocking policy"


def given_headers(headers: Mapping[str, str]) -> Callable[[str], str]:
    known = {name.lower(): value for name, value in headers.items()}
    return lambda name: known.get(name.lower(), "")


def read(
    body: object = b"", *, phrase: str = "Forbidden", status: int = 403, headers: Mapping[str, str] | None = None
) -> str:
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return read_reason(status, phrase, given_headers(headers or {}), content)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"type": "about:blank", "title": "Held", "status": 403, "detail": "not yet scanned"}, "not yet scanned"),
        ({"title": "Held until scanned", "status": 403}, "Held until scanned"),
        ({"errors": [{"status": 403, "message": XRAY}]}, XRAY),
        ({"message": "403 Forbidden - Package is blocked"}, "Package is blocked"),
        ({"message": {"base": ["nobody reads this"]}, "error_description": "scan is due"}, "scan is due"),
        ({"Message": "User is not authorized to perform: codeartifact:ReadFromRepository"}, None),
        (
            {"error": {"code": 403, "message": "Caller lacks a role", "details": [{"reason": "IAM"}]}},
            "Caller lacks a role",
        ),
        ({"error": "blocked by policy", "reason": "CVSS score 9.8 meets 8.0", "details": {"cvss": 9.8}}, None),
        ({"detail": [{"loc": ["path"], "msg": "licence is on the deny list"}]}, "licence is on the deny list"),
        ({"errors": ["malware was found"]}, "malware was found"),
        ({"result": {"error": {"reason": "too new: 2 of 14 days"}}}, "too new: 2 of 14 days"),
        ({"error": "forbidden", "message": "Access denied"}, ""),
        ({"error": "quarantined"}, "quarantined"),
        ({"a": 'says "detail": "not this"', "reason": "but that one"}, "but that one"),
        ({"detail": 'a "quoted" caf\u00e9 \u2014 and a \\ tab\there'}, 'a "quoted" caf\u00e9 \u2014 and a \\ tab here'),
        ({"id": 1, "ok": False}, ""),
        ([], ""),
    ],
)
def test_reasons_in_json(body: dict[str, object], reason: str | None) -> None:
    expected = next(str(body[name]) for name in ("Message", "reason") if name in body) if reason is None else reason
    assert read(body) == expected


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"detail": "held: ' + b"word " * 10_000, "held: word word word"),
        (b'{"status": 403, "message": "held \\u00', "held \\u00"),
        (b'{"reason": "held\\', "held"),
        (b'{"reason": "held and kept"', "held and kept"),
        (b"[" * START, ""),
        (b'{"a":' * 3000 + b'{"detail": "deep down"}', "deep down"),
        (b'{"code": ' + b"9" * 12_000 + b', "detail": "a long number"}', "a long number"),
        (b'"' + b'\\"' * 8000 + b"\\", ""),
    ],
)
def test_json_may_be_cut_and_deep(body: bytes, reason: str) -> None:
    assert read(body).startswith(reason)
    assert bool(read(body)) == bool(reason)


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        (
            {"X-Error-Message": "Access to demo is restricted until 1 May"},
            b"",
            "Access to demo is restricted until 1 May",
        ),
        ({"X-Blocked-Reason": "malware"}, b"", "malware"),
        ({"X-Blocked-Reason": "malware"}, b"demo 1.0 steals keys", "demo 1.0 steals keys"),
        (
            {"X-TFS-ServiceError": "TF400813%3a+The+user+may+not+read+the+feed"},
            b"",
            "TF400813: The user may not read the feed",
        ),
        ({"X-Gitlab-Dependency-Firewall": "blocked"}, b"403 Forbidden", "Dependency Firewall: blocked"),
        (
            {"X-Gitlab-Dependency-Firewall": "blocked"},
            b'{"message": "by policy new-releases"}',
            "by policy new-releases",
        ),
        ({"X-Block-Reason": "gr\u00c3\u00bcn is out"}, b"", "gr\u00fcn is out"),
    ],
)
def test_reasons_in_headers(headers: dict[str, str], body: bytes, reason: str) -> None:
    assert read(body, headers=headers) == reason


@pytest.mark.parametrize(
    ("phrase", "body", "reason"),
    [
        ("REQUESTED ITEM IS QUARANTINED -- FOR DETAILS SEE http://iq.example.com/x", b"", None),
        (ARROWS, b"", QUARANTINED),
        (ARROWS, NEXUS_PAGE % b"", QUARANTINED),
        ("Forbidden", NEXUS_PAGE % ARROWS.replace(">", "&gt;").replace("<", "&lt;").encode(), QUARANTINED),
        ("Forbidden", NEXUS_PAGE % b"", ""),
        ("Quarantined", b"", "Quarantined"),
        ("Quarantined", b"demo 1.0 is held: not yet scanned\nsecond line", "demo 1.0 is held: not yet scanned"),
        ("Forbidden - blocked by safe browsing", b"", "blocked by safe browsing"),
        ("Forbidden by policy new-releases", b"", None),
        ("Blocked", b'{"detail": "policy new-releases"}', "policy new-releases"),
        ("OK", b"", ""),
        ("", b"", ""),
    ],
)
def test_reason_phrases(phrase: str, body: bytes, reason: str | None) -> None:
    assert read(body, phrase=phrase) == (phrase if reason is None else reason)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", ""),
        (b"Forbidden\n", ""),
        (b"403", ""),
        (b"403 Forbidden", ""),
        (b"HTTP 403: Forbidden: held by the firewall", "held by the firewall"),
        (b"\n\n403 Forbidden\n  this release is   two days old \n", "this release is two days old"),
        (b'"held by policy"', "held by policy"),
        (b"<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr>"
         b"<center>nginx/1.25.3</center></body></html>", ""),
        (b"<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY><H1>Access Denied</H1><P>Blocked by the ACME"
         b" proxy <b>at night</b>", "Blocked by the ACME proxy at night"),
        (b"<html><title>Blocked: category malware</title><body><p>Call the help desk", "Blocked: category malware"),
        (b"<html><!-- why: --><body><script>if (1 < 2) why()</script>it is &lt;new&gt; &amp; odd</body>",
         "it is <new> & odd"),
        (b"<h1>Forbidden</h1><p>only a fragment", "only a fragment"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", ""),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
         "Request has expired"),
        (b"<problem xmlns='urn:ietf:rfc:7807'><title>Held</title><detail>not yet scanned</detail></problem>",
         "not yet scanned"),
        (b'<?xml version="1.0"?><!DOCTYPE html><html><head><title>x</title></head><body><p>held for a scan',
         "held for a scan"),
    ],
)  # fmt: skip
def test_text_and_pages(body: bytes, reason: str) -> None:
    assert read(body) == reason


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        ("gesperrt für Prüfung".encode("latin-1"), "text/plain; charset=iso-8859-1", "gesperrt für Prüfung"),
        ("gesperrt für Prüfung".encode("latin-1"), "text/plain", "gesperrt für Prüfung"),
        ("gesperrt für Prüfung".encode(), "text/plain", "gesperrt für Prüfung"),
        ("gesperrt für Prüfung".encode("utf-16"), "text/plain", "gesperrt für Prüfung"),
        ("検疫中 です".encode("shift_jis"), 'text/plain; charset="Shift_JIS"', "検疫中 です"),
        ("検疫中 です".encode(), "text/plain; charset=zip", "検疫中 です"),
        ("検疫中 です".encode(), "text/plain; charset=iso-8859-99", "検疫中 です"),
        ("<meta charset=windows-1252><p>fünf Tage alt".encode("cp1252"), "text/html", "fünf Tage alt"),
        (gzip.compress(b"blocked by nobody " * 500, mtime=0), "text/plain", ""),
        (b"PK\x03\x04" + bytes(range(256)) * 8, "application/zip", ""),
    ],
)
def test_encodings(body: bytes, content_type: str, reason: str) -> None:
    assert read(body, headers={"Content-Type": content_type}) == reason


def test_a_body_cut_inside_a_character_is_still_utf_8() -> None:
    body = ("é" * 30 + " zu jung " + "é" * START).encode()[:START]
    assert read(body).startswith("é" * 30 + " zu jung ")


@pytest.mark.parametrize(
    ("status", "phrase"), [(409, "Conflict"), (423, "Locked"), (451, "Unavailable For Legal Reasons")]
)
def test_other_statuses_of_refusal(status: int, phrase: str) -> None:
    assert read(f"{status} {phrase}", phrase=phrase, status=status) == ""
    assert read(f"{status} {phrase}: under review", phrase=phrase, status=status) == "under review"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mblocked\x1b[0m now", "blocked now"),
        ("\x1b]0;owned\x07blocked now", "blocked now"),
        ("\x1b]8;;http://a.example.com\x1b\\blocked\x1b]8;;\x1b\\ now", "blocked now"),
        ("\x9b2Jblocked\r\nnow\x00\x08\x7f", "blocked now"),
        ("blo\u202ecked\u2066 \u200bnow\ufeff", "blocked now"),
        ("blocked\u2028now\u2029", "blocked now"),
        (
            "see https://ann:s3cr3t@pkgs.example.com/x?token=abc#y for more",
            "see https://****@pkgs.example.com/x?****#y for more",
        ),
        ("see https://ann:s3\u200bcr3t@pkgs.example.com/", "see https://****@pkgs.example.com/"),
        (f"see https://ann:{'s3cr3t' * 300}@pkgs.example.com/", "see https://****@pkgs.example.com/"),
        ("see https://" + "a" * 10_000, "see ..."),
    ],
)
def test_cleaning(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_long_reasons_are_cut_at_a_word() -> None:
    assert read("held " * 100) == "held " * 39 + "..."
    assert read("h" * 1000) == "h" * (LIMIT - 3) + "..."


def test_titles_of_pages() -> None:
    assert page_title(b"<html><title>\n  Corporate &amp; sign-in </title><body>Hello") == "Corporate & sign-in"
    assert page_title(b"<html><body><script>no()</script><h1>Please log in</h1>") == "Please log in"
    assert page_title(b"<html><title>\x1b[2J</title></html>") == ""
    assert page_title(b"") == ""


PIECES = """{ } [ " \\ : "detail" "message": <title> <script <!-- --> <p> &#27; &lt; \x1b[ \x9b \x1b] \u202e \ud800 403
Forbidden ://a:b@ ?t= held charset=utf-16"""
HOSTILE = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=300).map(str.encode),
    st.lists(st.sampled_from([*PIECES.split(), " ", "\n"]), max_size=60).map(
        lambda parts: "".join(parts).encode("utf-8", "surrogatepass")
    ),
)


def is_safe(line: str) -> bool:
    return len(line) <= LIMIT and line.isprintable() and line == " ".join(line.split())


@given(body=HOSTILE, phrase=st.text(max_size=80), header=st.text(max_size=80), status=st.sampled_from([403, 451, 429]))
def test_whatever_a_server_says_is_one_safe_line(body: bytes, phrase: str, header: str, status: int) -> None:
    assert is_safe(read_reason(status, phrase, lambda name: header, body))
    assert is_safe(page_title(body))


@pytest.mark.parametrize(
    "part",
    [
        '"',
        '\\"',
        '"a":',
        '"detail":"',
        "<title",
        "<script>",
        "<!--",
        "<a ",
        "://",
        "://a@",
        "\x1b]",
        "charset=",
        "&#x",
        "403 ",
    ],
)
def test_no_text_takes_long(part: str) -> None:
    """Each is read in steps proportional to its length: a quadratic pattern would need minutes for these."""
    text = part * (300_000 // len(part))
    assert is_safe(clean(text))
    assert decode(text.encode(), text) == text
    assert len([*json_lines(text), *xml_lines(text), title_of(text), *visible_lines(text)]) <= len(text)
