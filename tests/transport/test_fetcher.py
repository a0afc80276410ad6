"""The fetcher's rules, over real sockets: redirects, credentials on each hop, retries, bounds."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING

import pytest

from clearway.errors import IndexFailure
from clearway.index.routing import make_index
from clearway.model.urls import file_url
from clearway.ports import Request
from clearway.transport.fetcher import HttpFetcher
from clearway.transport.pyreqwest_sender import PyreqwestSender
from clearway.transport.stdlib_sender import StdlibSender
from support.simulator import Answer, IndexSimulator, redirect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clearway.index.records import Index

TOKEN = "s3cr3t/with:odd@signs"


@pytest.fixture
def fetcher() -> Iterator[HttpFetcher]:
    made = make_fetcher()
    yield made
    made.close()


def make_fetcher(timeout: float = 5.0) -> HttpFetcher:
    sender = PyreqwestSender(user_agent="clearway-tests", timeout=timeout)
    asker = partial(StdlibSender, user_agent="clearway-tests", timeout=timeout)
    return HttpFetcher(sender, asker, retries=2, pause=0.001)


def get(fetcher: HttpFetcher, url: str, index: Index | None = None) -> tuple[int, bytes]:
    with fetcher.open(Request(url=url, index=index)) as response:
        return response.status, response.read(1 << 20)


def private(simulator: IndexSimulator) -> Index:
    return make_index(f"http://ann:{'s3cr3t%2Fwith:odd%40signs'}@127.0.0.1:{simulator.port}/simple/")


def sent_credential(simulator: IndexSimulator, path: str) -> str:
    header = simulator.seen(path=path)[-1].headers.get("authorization", "")
    return base64.b64decode(header.removeprefix("Basic ")).decode() if header else ""


def test_the_credential_goes_with_the_first_request(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve("/simple/demo/", b"page")
    assert get(fetcher, url, private(simulator)) == (200, b"page")
    assert sent_credential(simulator, "/simple/demo/") == f"ann:{TOKEN}"
    assert len(simulator.seen()) == 1


def test_another_index_on_the_host_gets_none(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve("/other/demo/", b"page")
    get(fetcher, url, make_index(f"{simulator.host}/other/"))
    assert sent_credential(simulator, "/other/demo/") == ""


def test_a_redirect_to_another_origin_loses_the_credential(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve("/simple/demo.whl", b"")
    simulator.serve("/away/demo.whl", b"bytes")
    simulator.on(redirect(f"{simulator.other_host}/away/demo.whl"), path="/simple/demo.whl")
    assert get(fetcher, url, private(simulator)) == (200, b"bytes")
    assert sent_credential(simulator, "/simple/demo.whl") == f"ann:{TOKEN}"
    assert sent_credential(simulator, "/away/demo.whl") == ""


def test_a_redirect_inside_the_origin_keeps_it(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve("/simple/Demo/", b"")
    simulator.serve("/simple/demo/", b"page")
    simulator.on(redirect("/simple/demo/", 301), path="/simple/Demo/")
    assert get(fetcher, url, private(simulator)) == (200, b"page")
    assert sent_credential(simulator, "/simple/demo/") == f"ann:{TOKEN}"


def test_user_info_in_a_location_is_not_adopted(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve("/simple/demo/", b"")
    simulator.serve("/away/", b"page")
    simulator.on(redirect(f"http://eve:stolen@localhost:{simulator.port}/away/"), path="/simple/demo/")
    assert get(fetcher, url, private(simulator)) == (200, b"page")
    assert sent_credential(simulator, "/away/") == ""


@pytest.mark.parametrize("target", ["/simple/loop/", "/simple/loop/?again"])
def test_circles_end(fetcher: HttpFetcher, simulator: IndexSimulator, target: str) -> None:
    url = simulator.serve("/simple/loop/", b"")
    simulator.on(redirect(target), path="/simple/loop/")
    with pytest.raises(IndexFailure) as caught:
        get(fetcher, url)
    assert caught.value.code == "redirect-loop"
    assert len(simulator.seen()) <= 12


def test_a_redirect_to_a_file_is_not_followed(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve("/simple/demo/", b"")
    simulator.on(redirect("file:///etc/passwd"), path="/simple/demo/")
    with pytest.raises(IndexFailure) as caught:
        get(fetcher, url)
    assert caught.value.code == "bad-redirect"


@pytest.mark.parametrize("answer", [Answer(503, "Busy"), Answer(429), Answer(drop_after=-1)])
def test_what_passes_is_tried_again(fetcher: HttpFetcher, simulator: IndexSimulator, answer: Answer) -> None:
    url = simulator.serve("/simple/demo/", b"page")
    simulator.on(answer, times=2, path="/simple/demo/")
    assert get(fetcher, url) == (200, b"page")
    assert len(simulator.seen(path="/simple/demo/")) == 3


def test_what_does_not_pass_is_unreachable(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve("/simple/demo/", b"page")
    simulator.on(Answer(503, "Busy"), path="/simple/demo/")
    with pytest.raises(IndexFailure) as caught:
        get(fetcher, url)
    assert caught.value.code == "unreachable"
    assert "503" in caught.value.message
    assert len(simulator.seen()) == 3


def test_a_long_retry_after_is_not_waited_for(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve("/simple/demo/", b"page")
    simulator.on(Answer(503, headers={"Retry-After": "86400"}), path="/simple/demo/")
    with pytest.raises(IndexFailure, match="503"):
        get(fetcher, url)
    assert len(simulator.seen()) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_other_statuses_are_answers(fetcher: HttpFetcher, simulator: IndexSimulator, status: int) -> None:
    url = simulator.serve("/simple/demo/", b"page")
    simulator.on(Answer(status, "No"), path="/simple/demo/")
    assert get(fetcher, url)[0] == status
    assert len(simulator.seen()) == 1


def test_an_endless_answer_ends(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve("/simple/demo/", b"page" * 1000)
    simulator.on(Answer(endless=True), path="/simple/demo/")
    with pytest.raises(IndexFailure) as caught:
        get(fetcher, url)
    assert caught.value.code == "endless-answer"


def test_a_broken_body_is_said_to_be_broken(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    url = simulator.serve("/simple/demo/", b"page" * 1000)
    simulator.on(Answer(drop_after=100), path="/simple/demo/")
    with pytest.raises(IndexFailure) as caught:
        get(fetcher, url)
    assert caught.value.code in {"connection-lost", "unreachable"}  # a reset may overtake the headers


def test_no_failure_shows_a_secret(fetcher: HttpFetcher, simulator: IndexSimulator) -> None:
    index = private(simulator)
    simulator.on(Answer(503, "Busy"))
    with pytest.raises(IndexFailure) as caught:
        get(fetcher, f"{simulator.host}/simple/x/", index)
    told = "".join((caught.value.message, *caught.value.context, caught.value.hint, repr(index), str(index)))
    assert "s3cr3t" not in told


def test_files_and_folders_are_read(fetcher: HttpFetcher, tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "index.html").write_bytes(b"<a>page</a>")
    assert get(fetcher, f"{file_url(str(tmp_path))}/demo/") == (200, b"<a>page</a>")
    assert get(fetcher, f"{file_url(str(tmp_path))}/other/")[0] == 404
