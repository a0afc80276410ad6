"""Indexes that cannot be reached, that answer nonsense, that never end, or that break off."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from end_to_end.world import check_failure
from support.certificates import AVAILABLE, make_authority
from support.simulator import Answer, IndexSimulator, login_page, redirect
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import World

JSON = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
ONE_TRY = ("--retries", "0")


def page(text: str) -> Answer:
    return Answer(body=text.encode(), headers=JSON)


def closed_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


# -- what comes instead of a listing -----------------------------------------------------------------------------------

LISTINGS: dict[str, tuple[int, Answer, list[str]]] = {
    "server error": (3, Answer(500), ["500", "(1 try)"]),
    "busy": (3, Answer(503, headers={"Retry-After": "3600"}), ["503", "3,600 seconds"]),
    "too many requests": (3, Answer(429), ["429"]),
    "no credential": (3, Answer(401), ["401", "credential", "no credential was given"]),
    "forbidden": (3, Answer(403), ["403", "listing of demo"]),
    "teapot": (3, Answer(418), ["418"]),
    "not implemented": (3, Answer(501), ["501"]),
    "nothing": (3, Answer(204), ["204"]),
    "break before the answer": (3, Answer(drop_after=-1), ["cannot be used"]),
    "break in the answer": (3, Answer(drop_after=10), ["/simple/demo/"]),
    "fewer bytes than announced": (3, Answer(headers={"Content-Length": "99999"}), ["/simple/demo/"]),
    "no gzip": (3, Answer(body=b"page", headers={"Content-Encoding": "gzip"}), ["gzip"]),
    "login page": (3, login_page("Sign in to Corp"), ["Sign in to Corp", "login page"]),
    "bytes": (3, Answer(body=b"\0\xff", headers=JSON), ["cannot be read"]),
    "empty": (3, page(""), ["cannot be read"]),
    "half": (3, page('{"files": ['), ["cannot be read"]),
    "list": (3, page("[]"), ["cannot be read"]),
    "later version": (3, page('{"meta": {"api-version": "2.0"}, "name": "demo", "files": []}'), ["version 2.0"]),
    "document": (3, Answer(body=b"%PDF", headers={"Content-Type": "application/pdf"}), ["application/pdf"]),
    "deep nesting": (3, page("[" * 100_000), ["cannot be read"]),
    "circle": (3, redirect("/simple/demo/"), ["in circles"]),
    "redirect to a file": (3, redirect("file:///etc/passwd"), ["file:///etc/passwd"]),
    "redirect to a script": (3, redirect("javascript:alert(1)"), ["javascript:"]),
    "redirect to no host": (3, redirect("http://["), ["http://["]),
    "redirect to no port": (3, redirect("http://example.com:99999/"), [":99999"]),
    "redirect to nowhere": (3, Answer(302), ["302"]),
}


@pytest.mark.parametrize(("status", "answer", "words"), LISTINGS.values(), ids=LISTINGS)
def test_a_listing_that_is_none(world: World, status: int, answer: Answer, words: list[str]) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.index.on(answer, stage="listing", times=1)
    world.fails(status, "demo", *ONE_TRY, says=words)
    world.installed("demo")


def test_a_redirect_is_not_shown_with_its_user_info(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.index.on(redirect(f"ftp://ann:{world.secret().replace('/', '')}@example.com/"), stage="listing")
    world.fails(3, "demo", *ONE_TRY, says=["ftp://****@example.com/"])


def test_control_characters_of_an_index_do_not_reach_the_terminal(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.index.on(login_page("\x1b[31mSign\x07 in\x9b"), stage="listing")
    failure = world.fails(3, "demo", says=["Sign"])
    assert not any(sign in failure.text for sign in "\x1b\x07\x9b")


# -- out of reach ------------------------------------------------------------------------------------------------------


def test_nobody_listens(world: World) -> None:
    port = closed_port()
    index = f"http://127.0.0.1:{port}/simple/"
    failure = world.fails(3, "demo", *ONE_TRY, index=index, says=[f"127.0.0.1:{port}", "Connection refused"])
    assert "os error" not in failure.error


def test_a_host_without_an_address(world: World) -> None:
    world.fails(3, "demo", *ONE_TRY, index="http://nowhere.invalid/simple/", says=["nowhere.invalid"])


def test_an_index_that_does_not_answer_in_time(world: World) -> None:
    world.index.on(Answer(delay=30))
    world.fails(3, "demo", *ONE_TRY, "--timeout", "0.2", says=["timed out"])


def test_an_index_that_stops_in_the_middle(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0", files={"demo/data": bytes(1 << 20)}, method=0))
    world.index.default.ranges = False
    world.index.on(Answer(drop_after=300_000), stage="file")
    world.fails(3, "demo", says=["demo-1.0-py3-none-any.whl", "broke"])


def test_a_download_goes_on_where_it_broke_off(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0", files={"demo/data": bytes(1 << 20)}, method=0))
    world.index.on(Answer(drop_after=300_000), stage="file")
    world.installed("demo==1.0")
    first, *later = [seen.headers.get("range", "") for seen in world.index.seen(stage="file")]
    begins = [int(span.removeprefix("bytes=").removesuffix("-")) for span in later]
    assert not first
    assert begins == sorted(begins)
    assert 200_000 < begins[0] <= 300_000


def test_what_breaks_once_is_fetched_again(world: World) -> None:
    """A listing and an archive that both break off after their first bytes, and a server that is busy for a moment."""
    world.index.add(make_wheel("demo", "1.0", files={"demo/data": bytes(1 << 20)}, method=0))
    filler = {f"demo-{number}.0.tar.gz": {"filename": f"demo-{number}.0.tar.gz"} for number in range(3000)}
    for name, entry in filler.items():
        world.index.add(make_wheel("demo", "1.0", filename=name), entry={**entry, "core-metadata": None}, served=False)
    world.index.on(Answer(drop_after=200_000), stage="listing", times=1)
    world.index.on(Answer(503), stage="sidecar", times=1)
    world.index.on(Answer(drop_after=300_000), stage="file", times=1)
    world.installed("demo==1.0", "--retries", "1")
    stages = [seen.stage for seen in world.index.seen()]
    assert [stages.count(stage) for stage in ("listing", "sidecar", "file")] == [2, 2, 2]


def test_an_endless_listing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearway.catalog.listings.PAGE_LIMIT", 1 << 20)
    world.index.add(make_wheel("demo", "1.0"))
    world.index.on(Answer(endless=True), stage="listing")
    world.fails(3, "demo", *ONE_TRY, says=["longer than", "/simple/demo/"])


@pytest.mark.parametrize("sized", [True, False], ids=["sized", "unsized"])
def test_an_endless_archive(world: World, monkeypatch: pytest.MonkeyPatch, sized: bool) -> None:
    """It ends where the listing says, and if that says nothing where no wheel can be that large."""
    monkeypatch.setattr("clearway.catalog.arriving.ARCHIVE_LIMIT", 1 << 20)
    world.index.add(make_wheel("demo", "1.0"), entry={} if sized else {"size": None})
    world.index.on(Answer(endless=True), stage="file")
    world.fails(4 if sized else 3, "demo", *ONE_TRY, says=["demo-1.0-py3-none-any.whl", "longer than"])
    assert sum(seen.sent for seen in world.index.seen(stage="file")) < 1 << 26


def test_an_endless_sidecar_is_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearway.catalog.ways.SIDECAR_LIMIT", 1 << 20)
    world.index.add(make_wheel("demo", "1.0"))
    world.index.on(Answer(endless=True), stage="sidecar")
    world.installed("demo", *ONE_TRY)


@pytest.mark.parametrize(
    "answer", [Answer(500), Answer(401), Answer(drop_after=-1), redirect("http://["), redirect("/files/demo/x")]
)
def test_a_sidecar_that_cannot_be_had_is_none(world: World, answer: Answer) -> None:
    """The wheel itself tells."""
    world.index.add(make_wheel("demo", "1.0"))
    world.index.on(answer, stage="sidecar")
    world.installed("demo", *ONE_TRY)
    assert world.versions() == {"demo": "1.0"}


# -- local indexes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["--index-url", "--extra-index-url"])
def test_an_index_in_a_folder_that_is_not_there(world: World, kind: str) -> None:
    failure = world.clearway("install", *world.place(), "--index-url", "./absent", kind, "./absent", "demo")
    check_failure(failure, 1, ["demo"])


def test_a_page_of_links_that_is_not_handed_out(world: World) -> None:
    world.fails(3, "demo", "--find-links", f"{world.index.host}/absent.html", says=["/absent.html", "404"])


# -- TLS ---------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not AVAILABLE, reason="there is no openssl to make certificates with")
def test_a_server_that_nobody_vouches_for(world: World) -> None:
    _, context = make_authority(world.root)
    with IndexSimulator(context) as index:
        world.fails(3, "demo", index=index.url, says=["certificate of 127.0.0.1", "SSL_CERT_FILE"])
        assert index.seen() == []


def test_a_server_that_does_not_speak_tls(world: World) -> None:
    world.fails(3, "demo", *ONE_TRY, index=world.index.url.replace("http", "https"), says=["https://127.0.0.1"])


# -- credentials -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{"denied": 401}, {"denied": 403}, {"denied": 404}], ids=lambda one: one["denied"])
def test_a_credential_that_is_not_accepted(world: World, options: dict[str, Any]) -> None:
    private = world.index.repository("private", users={"ann": "right"}, **options)
    private.add(make_wheel("demo", "1.0"))
    wrong = private.url.replace("://", f"://ann:{world.secret().replace('/', '%2F').replace('@%', '%40%25')}@")
    says = ["shows nothing to the credential"] if options["denied"] == 404 else ["demo", str(options["denied"])]
    world.fails(3, "demo", *ONE_TRY, index=wrong, says=says)
    assert all("authorization" in seen.headers for seen in world.index.seen())
