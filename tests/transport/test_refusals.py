"""Refusals as they come over the wire: bodies in every encoding, after redirects, through proxies; reason phrases."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING

import pytest

from clearway.index.routing import make_index
from clearway.policy.reasons import START, read_reason
from clearway.ports import Request
from clearway.transport.fetcher import HttpFetcher
from clearway.transport.proxies import Proxies
from clearway.transport.pyreqwest_sender import PyreqwestSender
from clearway.transport.stdlib_sender import StdlibSender
from support.certificates import AVAILABLE, make_authority
from support.simulator import Answer, IndexSimulator, redirect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from clearway.transport.sender import Sender

PROBLEM = b'{"type": "about:blank", "title": "Held", "status": 403, "detail": "held: not yet scanned"}'
PROBLEM_TYPE = {"Content-Type": "application/problem+json"}
PATH = "/simple/demo/demo-1.0-py3-none-any.whl"


@pytest.fixture(params=[PyreqwestSender, StdlibSender])
def make_fetcher(request: pytest.FixtureRequest) -> Iterator[Callable[..., HttpFetcher]]:
    made: list[HttpFetcher] = []

    def make(environ: dict[str, str] | None = None) -> HttpFetcher:
        proxies = Proxies(None, environ or {}, "linux")
        sender: Sender = request.param(user_agent="clearway-tests", timeout=5.0, proxies=proxies)
        asker = partial(StdlibSender, user_agent="clearway-tests", timeout=5.0, proxies=proxies)
        made.append(HttpFetcher(sender, asker, retries=1, pause=0.001, proxies=proxies))
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()


@pytest.fixture
def fetcher(make_fetcher: Callable[..., HttpFetcher]) -> HttpFetcher:
    return make_fetcher()


def refused(fetcher: HttpFetcher, request: Request) -> tuple[int, str]:
    with fetcher.open(request) as response:
        start = b"".join(chunk for chunk, _ in zip(response.chunks(), range(4), strict=False))
        return response.status, read_reason(response.status, response.phrase, response.header, start[:START])


@pytest.mark.parametrize(
    "answer",
    [
        Answer(403, body=PROBLEM, headers=PROBLEM_TYPE),
        Answer(403, body=PROBLEM, headers=PROBLEM_TYPE, gzip=True),
        Answer(403, body=PROBLEM, headers=PROBLEM_TYPE, chunked=True),
        Answer(403, body=PROBLEM + b" " * 1_000_000, headers=PROBLEM_TYPE),
        Answer(403, headers={"X-Error-Message": "held: not yet scanned"}),
    ],
)
def test_the_reason_arrives(fetcher: HttpFetcher, simulator: IndexSimulator, answer: Answer) -> None:
    url = simulator.serve(PATH, b"archive")
    simulator.on(answer, path=PATH)
    assert refused(fetcher, Request(url=url, identity=True)) == (403, "held: not yet scanned")
    assert len(simulator.seen()) == 1


def test_a_redirect_may_end_in_a_refusal(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve(PATH, b"")
    simulator.serve("/store/demo.whl", b"")
    simulator.on(redirect(f"{simulator.other_host}/store/demo.whl"), path=PATH)
    simulator.on(Answer(403, body=PROBLEM, headers=PROBLEM_TYPE), path="/store/demo.whl")
    with fetcher.open(Request(url=url)) as response:
        assert (response.status, response.url) == (403, f"{simulator.other_host}/store/demo.whl")
    assert refused(fetcher, Request(url=url)) == (403, "held: not yet scanned")


@pytest.mark.parametrize("answer", [Answer(403, "Held"), Answer(423, body=PROBLEM)])
def test_a_proxy_may_be_between(
    make_fetcher: Callable[..., HttpFetcher], simulator: IndexSimulator, answer: Answer
) -> None:
    url = "http://pkgs.example.com" + PATH
    simulator.serve(url, b"archive")
    simulator.on(answer, path=url)
    fetcher = make_fetcher({"http_proxy": f"http://bob:pa%3Ass@127.0.0.1:{simulator.port}"})
    for _ in range(2):
        assert refused(fetcher, Request(url=url))[0] == answer.status
    assert fetcher.phrase(Request(url=url)) == answer.reason
    expected = "Basic " + base64.b64encode(b"bob:pa:ss").decode()
    assert [seen.headers.get("proxy-authorization") for seen in simulator.seen(path=url)] == [expected] * 3


def test_headers_beyond_ascii_break_nothing(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve(PATH, b"")
    simulator.on(Answer(403, body=PROBLEM, headers={"X-Error-Message": "grün", "Location": "/grün"}), path=PATH)
    assert refused(fetcher, Request(url=url)) == (403, "held: not yet scanned")


def test_parts_are_asked_for_of_one_very_file(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve(PATH, b"0123456789")
    with fetcher.open(Request(url=url, span="bytes=4-", validator='"v1"', identity=True)) as response:
        assert (response.status, response.read(100)) == (206, b"456789")
        assert response.header("Content-Range") == "bytes 4-9/10"
    assert simulator.seen()[0].headers["if-range"] == '"v1"'
    with fetcher.open(Request(url=url, validator='"v1"')) as response:
        assert response.status == 200
    assert "if-range" not in simulator.seen()[1].headers


def test_a_passing_status_may_be_an_answer(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve(PATH, b"")
    simulator.on(Answer(503, body=PROBLEM), path=PATH)
    assert refused(fetcher, Request(url=url, answers=frozenset({503}))) == (503, "held: not yet scanned")
    assert len(simulator.seen()) == 1


def test_the_phrase_is_asked_for_by_head(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve(PATH, b"")
    simulator.serve("/simple/other.whl", b"")
    index = make_index(f"http://ann:s3cr3t@127.0.0.1:{simulator.port}/simple/")
    simulator.on(redirect("/simple/other.whl"), path=PATH)
    simulator.on(Answer(403, "REQUESTED ITEM IS QUARANTINED"), path="/simple/other.whl")
    request = Request(url=url, index=index, span="bytes=-10", etag='"x"', validator='"x"', identity=True)
    assert [fetcher.phrase(request) for _ in range(2)] == ["REQUESTED ITEM IS QUARANTINED"] * 2
    assert [seen.method for seen in simulator.seen()] == ["HEAD"] * 4
    assert len({seen.connection for seen in simulator.seen()}) == 1
    asked = simulator.seen()[-1].headers
    assert asked["authorization"] == "Basic " + base64.b64encode(b"ann:s3cr3t").decode()
    assert not asked.keys() & {"range", "if-range", "if-none-match"}


def test_the_phrase_of_another_origin_costs_no_credential(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve(PATH, b"")
    simulator.serve("/store/demo.whl", b"")
    simulator.on(redirect(f"{simulator.other_host}/store/demo.whl"), path=PATH)
    simulator.on(Answer(403, "Held"), path="/store/demo.whl")
    index = make_index(f"http://ann:s3cr3t@127.0.0.1:{simulator.port}/simple/")
    assert fetcher.phrase(Request(url=url, index=index)) == "Held"
    assert "authorization" not in simulator.seen(path="/store/demo.whl")[0].headers


@pytest.mark.skipif(not AVAILABLE, reason="the openssl program makes the certificates")
def test_the_phrase_comes_over_tls(tmp_path: Path) -> None:
    authority, context = make_authority(tmp_path)
    certificates = (authority.read_bytes(),)
    for trusted, phrase in ((certificates, "Held"), ((), "")):
        sender = PyreqwestSender(user_agent="clearway-tests", timeout=5.0, authorities=certificates)
        asker = partial(StdlibSender, user_agent="clearway-tests", timeout=5.0, authorities=trusted)
        fetcher = HttpFetcher(sender, asker)
        with IndexSimulator(tls=context) as index:
            url = index.serve(PATH, b"")
            index.on(Answer(403, "Held"), path=PATH)
            assert refused(fetcher, Request(url=url)) == (403, "Held")  # here the body repeats the phrase
            assert fetcher.phrase(Request(url=url)) == phrase
        fetcher.close()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(403),  # the phrase of the status
        Answer(405),
        Answer(200, "Fine"),
        Answer(503),
        Answer(drop_after=-1),
        redirect(PATH),
        redirect("ftp://example.com/x"),
    ],
)
def test_no_phrase_is_no_failure(fetcher: HttpFetcher, simulator: IndexSimulator, answer: Answer) -> None:
    url = simulator.serve(PATH, b"")
    simulator.on(answer, path=PATH)
    assert fetcher.phrase(Request(url=url)) == ""
    assert len(simulator.seen()) == 1


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "http://127.0.0.1:1/", "http://pkgs.example.com:99999/", "http://[x/"]
)
def test_no_server_is_no_failure(fetcher: HttpFetcher, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("no_proxy", "*")
    assert fetcher.phrase(Request(url=url)) == ""


def test_files_have_no_phrase(fetcher: HttpFetcher) -> None:
    with fetcher.open(Request(url="file:///no/such/file")) as response:
        assert (response.status, response.phrase) == (404, "")
