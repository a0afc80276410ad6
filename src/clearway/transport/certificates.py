"""What is told when TLS could not be agreed on: what is wrong with the certificate, and who can put it right.

The two TLS libraries that may be at work (rustls, OpenSSL) are read by the words of their errors; RFC 5280, section 6.1
and RFC 6125 name the cases.
"""

from __future__ import annotations

from typing import NamedTuple

from clearway.errors import IndexFailure
from clearway.model.urls import mask, origin

_AUTHORITY = "name the file with its authority with --cert, PIP_CERT or SSL_CERT_FILE"
_OPERATOR = "tell whoever runs the server"


class _Case(NamedTuple):
    """One thing that can be wrong.

    :ivar signs: words of the libraries, lower case; any of them is enough.
    :ivar fault: what is wrong; ``{host}`` stands for the server.
    :ivar advice: what to do about it.
    """

    signs: tuple[str, ...]
    fault: str
    advice: str


_WANTED = _Case(
    ("certificaterequired", "certificate required", "certificate_required"),
    "{host} wants to be shown a client certificate",
    "Name one with --client-cert, or with client-cert in the index's table.",
)
_CASES = (
    _Case(
        ("expired",),
        "The certificate of {host} has expired",
        f"If the clock of this machine is right, {_OPERATOR}.",
    ),
    _Case(
        ("notvalidyet", "not valid yet", "not yet valid"),
        "The certificate of {host} is not valid yet",
        f"If the clock of this machine is right, {_OPERATOR}.",
    ),
    _Case(
        ("not valid for", "mismatch", "notvalidforname"),
        "The certificate that {host} shows is for another host",
        f"Spell the host in the index's URL as its certificate does, or {_OPERATOR}.",
    ),
    _Case(
        ("unknownissuer", "issuer certificate", "in certificate chain"),
        "The certificate of {host} is not trusted: this machine does not know the authority that signed it",
        f"If that is a private one, {_AUTHORITY}.",
    ),
    _Case(
        ("causedasendentity", "self-signed certificate", "self signed certificate"),
        "The certificate of {host} is not trusted: it is signed by itself",
        f"Have it signed by an authority and {_AUTHORITY}; "
        "if nothing protects this host anyway: --trusted-host {host}",
    ),
    _Case(("revoked",), "The certificate of {host} was revoked", f"Do not use it, and {_OPERATOR}."),
    _WANTED,
)
_OTHER = _Case((), "The certificate of {host} is not trusted", f"If the server uses a private authority, {_AUTHORITY}.")
_PLAIN = ("invalidcontenttype", "wrong_version_number", "wrong version number", "http request", "record_layer_failure")


def untrusted(url: str, reason: str) -> IndexFailure:
    """Return the error for a server whose certificate does not convince, or that is not convinced by ours.

    :param reason: in the words of the TLS library.
    """
    words, host = reason.lower(), origin(url)[1]
    case = next((one for one in _CASES if any(sign in words for sign in one.signs)), _OTHER)
    return IndexFailure(
        "bad-certificate",
        case.fault.replace("{host}", host),
        context=(f"TLS: {reason[:300]}", f"while fetching {mask(url)}"),
        hint=case.advice.replace("{host}", host),
    )


def without_tls(url: str, reason: str) -> IndexFailure | None:
    """Return the error for a broken connection that another try would not mend: no TLS is spoken, or not with us.

    :param reason: why the connection is of no use.
    :returns: None if it is anything else.
    """
    scheme, host, port = origin(url)
    words = reason.lower()
    if any(sign in words for sign in _WANTED.signs):
        return untrusted(url, reason)
    if scheme != "https" or not any(sign in words for sign in _PLAIN):
        return None
    return IndexFailure(
        "no-tls",
        f"{host} does not speak TLS on port {port}",
        context=(f"TLS: {reason[:300]}", f"while fetching {mask(url)}"),
        hint="If the server speaks plain http there, write http:// in the index's URL; else correct its port.",
    )
