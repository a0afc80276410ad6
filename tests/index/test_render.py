"""The law of rendering: parse(render(listing)) is the listing, in each kind of page as far as it can say."""

from __future__ import annotations

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from clearway.index.html_page import parse_html
from clearway.index.json_page import parse_json
from clearway.index.records import File, Listing
from clearway.index.render import render_html, render_json
from clearway.model.hashes import KNOWN, best
from clearway.model.names import NormalizedName

URL = "https://index.example.com/simple/demo/"
LENGTHS = {"sha256": 64, "sha512": 128, "md5": 32}


def one_line(text: str) -> str:
    return " ".join(letter for letter in text.split() if letter.isprintable())


texts = st.text(alphabet="ab <>&\"'=é;#", max_size=12).map(one_line)
names = st.builds(
    "{}{}".format,
    st.text(alphabet="Demo-1.0_+ %é<&'~", min_size=1, max_size=20).map(lambda text: "d" + text + "1"),
    st.sampled_from([".whl", ".tar.gz", ".zip"]),
)
digests = st.dictionaries(
    st.sampled_from(sorted(LENGTHS)), st.text(alphabet="0123456789abcdef", min_size=128, max_size=128), max_size=2
).map(lambda hashes: {name: digest[: LENGTHS[name]] for name, digest in hashes.items()})


@st.composite
def files(draw: st.DrawFn) -> File:
    from urllib.parse import quote

    name = draw(names)
    return File(
        filename=name,
        url=f"{draw(st.sampled_from(['https://files.example.com/a/', URL, 'http://[::1]:8080/']))}{quote(name)}",
        hashes=draw(digests),
        requires_python=draw(texts),
        yanked=draw(st.none() | texts),
        size=draw(st.none() | st.integers(0, 2**53)),
        upload_time=draw(st.sampled_from(["", "2024-01-02T03:04:05Z"])),
        sidecar=draw(st.none() | digests),
    )


@st.composite
def listings(draw: st.DrawFn) -> Listing:
    status = draw(st.sampled_from(["active", "archived", "quarantined", "deprecated"]))
    several = tuple(draw(st.lists(files(), max_size=4)))
    return Listing(NormalizedName("demo"), several, status, "" if status == "active" else draw(texts))


def one_hash(hashes: dict[str, str]) -> dict[str, str]:
    chosen = best(hashes)
    return dict([chosen]) if chosen else {}


def as_html_says(listing: Listing) -> Listing:
    told = (
        msgspec.structs.replace(
            file,
            hashes=one_hash(file.hashes),
            size=None,
            upload_time="",
            sidecar=None if file.sidecar is None else one_hash(file.sidecar),
        )
        for file in listing.files
    )
    return msgspec.structs.replace(listing, files=tuple(told))


@given(listings())
def test_a_json_page_says_everything(listing: Listing) -> None:
    assert parse_json(render_json(listing), URL, listing.name) == listing


@given(listings())
def test_an_html_page_says_all_that_html_can(listing: Listing) -> None:
    assert parse_html(render_html(listing), URL, listing.name) == as_html_says(listing)


def test_the_json_page_claims_the_version_that_it_keeps() -> None:
    sized = File("demo-1.0-py3-none-any.whl", URL + "x", size=3)
    unsized = File("demo-0.9.tar.gz", URL + "y")
    name = NormalizedName("demo")
    page = json.loads(render_json(Listing(name, (sized,))))
    assert (page["meta"], page["versions"]) == ({"api-version": "1.4"}, ["1.0"])
    page = json.loads(render_json(Listing(name, (sized, unsized))))
    assert (page["meta"], page["versions"]) == ({"api-version": "1.0"}, ["0.9", "1.0"])


def test_flags_are_never_told_as_something_empty() -> None:
    file = File("demo-1.0.zip", URL + "x.zip", yanked="", sidecar={})
    (entry,) = json.loads(render_json(Listing(NormalizedName("demo"), (file,))))["files"]
    assert (entry["yanked"], entry["core-metadata"], entry["dist-info-metadata"]) == (True, True, True)


def test_every_known_hash_can_stand_in_html() -> None:
    for algorithm in KNOWN:
        length = {"sha512": 128, "sha384": 96, "sha256": 64, "sha224": 56, "sha1": 40, "md5": 32}[algorithm]
        listing = Listing(NormalizedName("demo"), (File("demo-1.0.zip", URL + "x.zip", {algorithm: "a" * length}),))
        (file,) = parse_html(render_html(listing), URL, listing.name).files
        assert file.hashes == {algorithm: "a" * length}
