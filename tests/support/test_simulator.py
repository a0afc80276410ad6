"""The simulator does what it says, seen through the standard library's client."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import re
import ssl
import threading
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest

from support.certificates import AVAILABLE, make_authority
from support.repository import JSON
from support.simulator import Answer, IndexSimulator, login_page, redirect
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WHEEL = make_wheel("Demo.Pkg", "1.0", requires_python=">=3.8", requires=["other>1"])


class Got:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.reason, self.headers = response.status, response.reason, response.headers
        self.body = response.read()


def get(url: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Got:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request(method, parts.path, headers=dict(headers or {}))
        return Got(connection.getresponse())
    finally:
        connection.close()


def basic(user: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


def test_a_published_wheel_is_listed_described_and_served(simulator: IndexSimulator) -> None:
    simulator.add(WHEEL, yanked="broken")
    page = json.loads(get(simulator.url + "demo-pkg/", {"Accept": JSON}).body)
    entry = page["files"][0]
    link = urljoin(simulator.url + "demo-pkg/", entry["url"])
    assert (entry["yanked"], entry["requires-python"], entry["size"]) == ("broken", ">=3.8", len(WHEEL.content))
    assert get(link).body == WHEEL.content
    assert get(link + ".metadata").body == WHEEL.metadata
    html = get(simulator.url + "demo-pkg/", {"Accept": "text/html"})
    assert html.headers["Content-Type"] == "text/html; charset=utf-8"
    href = re.search(r'href="([^"#]*)#sha256=([0-9a-f]{64})"', html.body.decode())
    assert href is not None
    assert urljoin(simulator.url + "demo-pkg/", href[1]) == link
    assert [seen.stage for seen in simulator.seen()] == ["listing", "file", "sidecar", "listing"]
    assert [seen.sent for seen in simulator.seen(stage="file")] == [len(WHEEL.content)]


def test_names_are_redirected_to_their_normalized_page(simulator: IndexSimulator) -> None:
    simulator.add(WHEEL)
    assert get(simulator.url + "Demo_Pkg").headers["Location"] == "/simple/demo-pkg/"
    assert get(simulator.url + "unknown/").status == 404
    assert (
        get(simulator.url, {"Accept": JSON}).body
        == b'{"meta": {"api-version": "1.4"}, "projects": [{"name": "demo-pkg"}]}'
    )


def test_listings_are_revalidated(simulator: IndexSimulator) -> None:
    simulator.add(WHEEL)
    etag = get(simulator.url + "demo-pkg/").headers["ETag"]
    assert get(simulator.url + "demo-pkg/", {"If-None-Match": etag}).status == 304
    simulator.default.project("demo-pkg", status="quarantined", reason="malware")
    assert get(simulator.url + "demo-pkg/", {"If-None-Match": etag}).status == 200


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("bytes=0-9", 206, WHEEL.content[:10]),
        ("bytes=10-", 206, WHEEL.content[10:]),
        ("bytes=-10", 206, WHEEL.content[-10:]),
        ("bytes=-99999999", 206, WHEEL.content),
        ("bytes=99999999-", 416, b""),
        ("bytes=-", 200, WHEEL.content),
    ],
)
def test_ranges(simulator: IndexSimulator, asked: str, status: int, body: bytes) -> None:
    simulator.add(WHEEL)
    got = get(simulator.default.file_url(WHEEL), {"Range": asked})
    assert (got.status, got.body) == (status, body)


def test_ranges_may_be_off_or_without_suffixes(simulator: IndexSimulator) -> None:
    off = simulator.repository("off", ranges=False)
    odd = simulator.repository("odd", suffix_status=501)
    for one in (off, odd):
        one.add(WHEEL)
    assert get(off.file_url(WHEEL), {"Range": "bytes=-10"}).status == 200
    assert get(odd.file_url(WHEEL), {"Range": "bytes=-10"}).status == 501
    assert get(odd.file_url(WHEEL), {"Range": "bytes=0-3"}).status == 206


def test_repositories_on_one_host_know_their_own_users(simulator: IndexSimulator) -> None:
    a = simulator.repository("a", users={"alice": "token-a"})
    b = simulator.repository("b", users={"bob": "token-b"}, denied=404)
    a.add(WHEEL)
    b.add(WHEEL)
    assert a.url_for("alice").startswith("http://alice:token-a@127.0.0.1:")
    assert get(a.url + "demo-pkg/").status == 401
    assert get(a.url + "demo-pkg/", basic("alice", "token-a")).status == 200
    assert get(b.file_url(WHEEL), basic("alice", "token-a")).status == 404
    assert get(b.file_url(WHEEL), basic("bob", "token-b")).status == 200
    assert [seen.repository for seen in simulator.seen()] == ["a", "a", "b", "b"]


def test_rules_apply_in_order_to_what_they_name_and_as_often_as_they_say(simulator: IndexSimulator) -> None:
    simulator.add(WHEEL)
    url = simulator.default.file_url(WHEEL)
    simulator.on(Answer(403, "Quarantined by policy"), stage="file", filename=WHEEL.filename, skip=1, times=1)
    simulator.on(Answer(503, headers={"Retry-After": "1"}, body=b"later"), method="HEAD")
    assert [get(url).status for _ in range(3)] == [200, 403, 200]
    assert get(url, method="HEAD").status == 503
    assert get(url + ".metadata").status == 200


def test_rules_may_be_lifted(simulator: IndexSimulator) -> None:
    wheel = make_wheel("demo", "1.0")
    simulator.add(wheel)
    url = simulator.default.file_url(wheel)
    simulator.on(Answer(403), stage="file")
    assert get(url).status == 403
    simulator.clear()
    assert get(url).status == 200


def test_a_refusal_has_its_reason_and_body(simulator: IndexSimulator) -> None:
    simulator.add(WHEEL)
    simulator.on(Answer(403, "Quarantined", b"{}", {"Content-Type": "application/problem+json"}), ranged=False)
    got = get(simulator.default.file_url(WHEEL))
    assert (got.status, got.reason, got.body) == (403, "Quarantined", b"{}")
    assert got.headers["Content-Type"] == "application/problem+json"


def test_redirects_lead_to_pages_of_this_or_another_origin(simulator: IndexSimulator) -> None:
    simulator.add(WHEEL)
    elsewhere = simulator.serve("/store/x", b"elsewhere").replace(simulator.host, simulator.other_host)
    simulator.on(redirect(elsewhere, 307), stage="file")
    got = get(simulator.default.file_url(WHEEL))
    assert (got.status, got.headers["Location"]) == (307, elsewhere)
    assert get(elsewhere).body == b"elsewhere"
    assert simulator.seen(stage="page")[0].headers["host"].startswith("localhost:")


@pytest.mark.parametrize("answer", [Answer(drop_after=10), Answer(headers={"Content-Length": "999999"})])
def test_bodies_may_be_cut_short(simulator: IndexSimulator, answer: Answer) -> None:
    simulator.add(WHEEL)
    simulator.on(answer, stage="file")
    with pytest.raises(http.client.IncompleteRead):
        get(simulator.default.file_url(WHEEL))


def test_a_connection_may_break_before_the_answer(simulator: IndexSimulator) -> None:
    simulator.add(WHEEL)
    simulator.on(Answer(drop_after=-1), stage="file")
    with pytest.raises(http.client.RemoteDisconnected):
        get(simulator.default.file_url(WHEEL))


def test_an_endless_body_goes_on_until_the_client_has_enough(simulator: IndexSimulator) -> None:
    simulator.add(WHEEL)
    simulator.on(Answer(endless=True), stage="file")
    parts = urlsplit(simulator.default.file_url(WHEEL))
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", parts.path)
    response = connection.getresponse()
    assert len(response.read(3_000_000)) == 3_000_000
    response.close()
    connection.close()


@pytest.mark.parametrize("after", [0, 5])
def test_an_answer_may_be_held_until_the_test_lets_it_go(simulator: IndexSimulator, after: int) -> None:
    simulator.add(WHEEL)
    hold = threading.Event()
    simulator.on(Answer(hold=hold, hold_after=after), stage="file")
    got: list[Got] = []
    client = threading.Thread(target=lambda: got.append(get(simulator.default.file_url(WHEEL))))
    client.start()
    simulator.wait_for(stage="file")
    assert not got
    hold.set()
    client.join(10)
    assert got[0].body == WHEEL.content


def test_a_held_answer_does_not_keep_the_simulator_from_closing() -> None:
    with IndexSimulator() as index:
        index.add(WHEEL)
        index.on(Answer(hold=threading.Event()), stage="file")
        connection = http.client.HTTPConnection("127.0.0.1", index.port, timeout=10)
        connection.request("GET", urlsplit(index.default.file_url(WHEEL)).path)
        index.wait_for(stage="file")
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        get(index.url)


def test_bodies_may_be_compressed_or_chunked(simulator: IndexSimulator) -> None:
    simulator.add(WHEEL)
    simulator.on(Answer(gzip=True), stage="listing")
    simulator.on(Answer(chunked=True), stage="file")
    page = get(simulator.url + "demo-pkg/", {"Accept": JSON})
    assert json.loads(gzip.decompress(page.body))["name"] == "demo-pkg"
    got = get(simulator.default.file_url(WHEEL))
    assert (got.headers["Transfer-Encoding"], got.body) == ("chunked", WHEEL.content)


def test_a_login_page_is_a_success_without_files(simulator: IndexSimulator) -> None:
    simulator.add(WHEEL)
    simulator.on(login_page("Corporate sign-in"), stage="listing")
    got = get(simulator.url + "demo-pkg/")
    assert (got.status, got.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"<title>Corporate sign-in</title>" in got.body


@pytest.mark.skipif(not AVAILABLE, reason="the openssl program makes the certificates")
def test_the_simulator_may_speak_tls_with_a_private_authority(tmp_path: Path) -> None:
    authority, context = make_authority(tmp_path)
    with IndexSimulator(tls=context) as index:
        index.add(WHEEL)
        trusting = ssl.create_default_context(cafile=authority)
        for host in ("127.0.0.1", "localhost"):
            connection = http.client.HTTPSConnection(host, index.port, timeout=10, context=trusting)
            connection.request("GET", "/simple/demo-pkg/")
            assert connection.getresponse().status == 200
            connection.close()
        distrusting = http.client.HTTPSConnection("127.0.0.1", index.port, timeout=10)
        with pytest.raises(ssl.SSLCertVerificationError):
            distrusting.request("GET", "/simple/")
        distrusting.close()
        assert index.url.startswith("https://127.0.0.1:")
        assert index.other_host.startswith("https://localhost:")


def test_connections_are_kept_alive(simulator: IndexSimulator) -> None:
    simulator.add(WHEEL)
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)
    for _ in range(3):
        connection.request("GET", "/simple/demo-pkg/")
        connection.getresponse().read()
    connection.close()
    assert {seen.connection for seen in simulator.seen()} == {1}


def test_what_an_index_says_may_be_at_odds_with_what_it_has(simulator: IndexSimulator) -> None:
    simulator.add(WHEEL, served=False, sidecar=b"Name: liar\n", entry={"hashes": {"sha256": "0" * 64}, "size": None})
    entry = json.loads(get(simulator.url + "demo-pkg/", {"Accept": JSON}).body)["files"][0]
    assert entry["hashes"] == {"sha256": "0" * 64}
    assert "size" not in entry
    assert get(simulator.default.file_url(WHEEL)).status == 404
    assert get(simulator.default.file_url(WHEEL) + ".metadata").body == b"Name: liar\n"
