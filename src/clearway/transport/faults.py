"""What is told when no answer could be had, or none that may be used (DESIGN 4.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.errors import IndexFailure
from clearway.model.urls import file_name, mask, origin

if TYPE_CHECKING:
    from clearway.ports import Request
    from clearway.transport.proxies import Proxy


def unreachable(url: str, failure: str, tries: int, proxy: Proxy | None, said: str = "") -> IndexFailure:
    """Return the error for a server that did not answer, or not usefully, however often it was asked.

    :param proxy: what stands between us and it.
    :param said: the server's reason, if it gave one.
    """
    scheme, host, port = origin(url)
    return IndexFailure(
        "unreachable",
        f"{scheme}://{host}:{port} cannot be used: {failure} ({tries} {'try' if tries == 1 else 'tries'})",
        context=(
            f"while fetching {mask(url)}",
            *((f"through the proxy {proxy.url}, named by {proxy.source}",) if proxy is not None else ()),
            *((f"it says: {said}",) if said else ()),
        ),
        hint="Check the network, the proxy and the index's URL, then run the command again."
        if proxy is not None
        else "Check the network, the proxy variables and the index's URL, then run the command again.",
    )


def denied(url: str, proxy: Proxy | None) -> IndexFailure:
    """Return the error for a proxy that wants a credential, or another one than it was given.

    :param proxy: None for the one that the system keeps.
    """
    which = (
        "The proxy of the system's settings" if proxy is None else f"The proxy {proxy.url}, named by {proxy.source},"
    )
    fate = "was not accepted" if proxy is not None and proxy.authorization else "was not given"
    where = "--proxy" if proxy is None else proxy.source
    return IndexFailure(
        "credential",
        f"{which} wants a valid credential: it answered 407",
        context=(f"a credential for it {fate}", f"while fetching {mask(url)}"),
        hint=f"Put user name and password, percent-encoded, into its URL: {where}.",
    )


def held(request: Request, failure: str) -> IndexFailure:
    """Return the failure of a request that ran out of patience; what the server did is the first line of context."""
    who = request.index.name if request.index is not None else origin(request.url)[1]
    return IndexFailure(
        "held",
        f"{mask(who)} neither hands out nor refuses {file_name(request.url) or mask(request.url)}: {failure}",
        context=(failure, f"while fetching {mask(request.url)}"),
        hint="Wait for it with --on-pending wait or a longer --first-byte-timeout, "
        "or take an older release with --on-pending next-version.",
    )


def bad_redirect(url: str, location: str) -> IndexFailure:
    """Return the error for a redirect that leads nowhere."""
    return IndexFailure(
        "bad-redirect",
        f"{mask(url)} redirects to {mask(location)[:200]!r}, which is not an http or https URL",
        hint="Check the index's URL; if it is right, report this to whoever runs the index.",
    )


def redirect_loop(url: str, most: int) -> IndexFailure:
    """Return the error for redirects without end."""
    return IndexFailure(
        "redirect-loop",
        f"{mask(url)} redirects in circles, or more than {most} times",
        hint="Check the index's URL; a missing trailing slash or a login page is the usual reason.",
    )
