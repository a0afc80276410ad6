"""What is said of a TLS connection that cannot be had, in the words of both libraries (recorded from their errors)."""

from __future__ import annotations

import socket
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from clearway.errors import IndexFailure
from clearway.ports import Request
from clearway.transport.certificates import untrusted, without_tls
from clearway.transport.fetcher import HttpFetcher
from clearway.transport.pyreqwest_sender import PyreqwestSender
from clearway.transport.stdlib_sender import StdlibSender
from support.certificates import AVAILABLE, make_authority
from support.simulator import IndexSimulator

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://pkgs.example.com/simple/demo/"

UNTRUSTED = {
    "expired, rustls": (
        "invalid peer certificate: certificate expired: verification time 1795331491 (UNIX), but certificate is not "
        "valid after 1609459200 (185872291 seconds ago)",
        "The certificate of pkgs.example.com has expired",
        "clock",
    ),
    "expired, OpenSSL": ("certificate has expired", "The certificate of pkgs.example.com has expired", "clock"),
    "too early, rustls": ("invalid peer certificate: NotValidYet", "is not valid yet", "clock"),
    "too early, OpenSSL": ("certificate is not yet valid", "is not valid yet", "clock"),
    "another host, rustls": (
        'invalid peer certificate: certificate not valid for name "pkgs.example.com"; certificate is only valid for '
        'DnsName("elsewhere.example.com")',
        "The certificate that pkgs.example.com shows is for another host",
        "the index's URL",
    ),
    "another host, OpenSSL": (
        "Hostname mismatch, certificate is not valid for 'pkgs.example.com'.",
        "The certificate that pkgs.example.com shows is for another host",
        "the index's URL",
    ),
    "signed by itself, rustls": (
        "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
        "it is signed by itself",
        "--trusted-host pkgs.example.com",
    ),
    "signed by itself, OpenSSL": ("self-signed certificate", "it is signed by itself", "--cert"),
    "unknown, rustls": ("invalid peer certificate: UnknownIssuer", "does not know the authority", "--cert, PIP_CERT"),
    "unknown, OpenSSL": ("unable to get local issuer certificate", "does not know the authority", "--cert, PIP_CERT"),
    "unknown root, OpenSSL": ("self-signed certificate in certificate chain", "does not know the authority", "--cert"),
    "revoked": ("invalid peer certificate: Revoked", "was revoked", "whoever runs the server"),
    "client, rustls": ("received fatal alert: CertificateRequired", "wants to be shown a client", "--client-cert"),
    "anything else": ("invalid peer certificate: BadEncoding", "of pkgs.example.com is not trusted", "--cert"),
}


@pytest.mark.parametrize(("reason", "message", "advice"), UNTRUSTED.values(), ids=UNTRUSTED)
def test_what_is_wrong_with_a_certificate(reason: str, message: str, advice: str) -> None:
    failure = untrusted(URL, reason)
    assert failure.code == "bad-certificate"
    assert message in failure.message
    assert advice in failure.hint
    assert failure.context == (f"TLS: {reason}", f"while fetching {URL}")


@pytest.mark.parametrize(
    ("url", "reason", "code"),
    [
        (URL, "received corrupt message of type InvalidContentType", "no-tls"),
        (URL, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1020)", "no-tls"),
        (URL, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required", "bad-certificate"),
        (URL, "Connection reset by peer", ""),
        ("http://pkgs.example.com/", "received corrupt message of type InvalidContentType", ""),
    ],
)
def test_what_another_try_would_not_mend(url: str, reason: str, code: str) -> None:
    failure = without_tls(url, reason)
    assert (failure.code if failure is not None else "") == code


def answer_in_plain_text() -> int:
    """Answer one connection as a server does that takes a TLS greeting for a request; return its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    threading.Thread(target=answer, daemon=True).start()
    port: int = listener.getsockname()[1]
    return port


@pytest.mark.skipif(not AVAILABLE, reason="there is no openssl to make certificates with")
@pytest.mark.parametrize("kind", [PyreqwestSender, StdlibSender])
def test_servers(kind: type[PyreqwestSender] | type[StdlibSender], tmp_path: Path) -> None:
    """An authority that nobody knows; and a server that answers a TLS greeting in plain text, asked once."""
    _, context = make_authority(tmp_path)
    port = answer_in_plain_text()
    sender = kind(user_agent="clearway-tests", timeout=5)
    fetcher = HttpFetcher(sender, partial(pytest.fail, "no phrase is asked for"), retries=3, pause=0.001)
    with IndexSimulator(context) as private:
        for url, code, words in (
            (private.url, "bad-certificate", "does not know the authority"),
            (f"https://127.0.0.1:{port}/", "no-tls", f"127.0.0.1 does not speak TLS on port {port}"),
        ):
            with pytest.raises(IndexFailure) as caught, fetcher.open(Request(url=url)):
                pass
            assert caught.value.code == code, caught.value.message
            assert words in caught.value.message
    fetcher.close()
