"""Which proxy leads to a URL: that of ``--proxy``, else what the variables say, as the common clients read them.

``http_proxy``, ``https_proxy`` and ``all_proxy`` name one for a scheme, ``no_proxy`` the hosts that are asked without
one. The lower spelling of a variable counts before the upper one, an empty value takes it back, and a scheme that is
left out is http. ``--proxy`` holds for every URL and is not narrowed by ``no_proxy`` (pip has it so). Both senders ask
here, so that they agree; only what an operating system says besides the variables is left to each of them.
"""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from clearway.errors import InputError
from clearway.index.links import HOST
from clearway.model.secrets import Credential, Secret
from clearway.model.urls import mask, origin, split_user_info

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clearway.model.inputs import Given

_DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*://"


class Proxy(NamedTuple):
    """A proxy.

    :ivar scheme: ``http``, ``https``, ``socks5`` or ``socks5h``: how it is talked to.
    :ivar source: where it was named, for people.
    """

    scheme: str
    host: str
    port: int
    username: str
    password: Secret
    source: str

    @property
    def url(self) -> str:
        """Where it is, without user info."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def authorization(self) -> str:
        """What a Proxy-Authorization header says (RFC 9110, section 11.7.2); empty where there is no user info."""
        secret = self.password.reveal()
        if not (self.username or secret):
            return ""
        said = f"{self.username}:{secret}".encode(errors="surrogateescape")
        return f"Basic {b64encode(said).decode()}"


class Proxies:
    """Tells which proxy leads to a URL.

    :param stated: what ``--proxy`` says, if anything.
    :param environ: the variables; empty where they are not to be read.
    :param platform: as :data:`sys.platform` has it.
    """

    def __init__(self, stated: Given | None, environ: Mapping[str, str], platform: str = sys.platform) -> None:
        self._stated = stated
        self._named = {} if stated is not None else _from_variables(environ)
        exempt = environ.get("no_proxy", environ.get("NO_PROXY", "")) if self._named else ""
        self._exempt = [part.strip().lower() for part in exempt.split(",") if part.strip()]
        self._known: dict[tuple[str, str, int], Proxy | None] = {}
        self.leaves_it_to_system = platform in {"win32", "darwin"} and bool(environ) and not (stated or self._named)
        """Nobody said anything to us, on a system that keeps a proxy of its own."""

    def for_url(self, url: str) -> Proxy | None:
        """Return the proxy that leads to a URL, or None where it is asked directly.

        :raises InputError: ``bad-proxy``.
        """
        if not self._named and self._stated is None:
            return None
        place = origin(url)
        if place not in self._known:
            self._known[place] = self._choose(*place)
        return self._known[place]

    def credentials(self) -> tuple[Credential, ...]:
        """Return what the proxies that were used so far are sent."""
        used = {proxy: None for proxy in list(self._known.values()) if proxy is not None and proxy.authorization}
        return tuple(Credential(proxy.username, proxy.password, proxy.source) for proxy in used)

    def _choose(self, scheme: str, host: str, port: int) -> Proxy | None:
        if self._stated is not None:
            return read_proxy(self._stated.value, self._stated.origin)
        variable, text = self._named.get(scheme) or self._named.get("all") or ("", "")
        if not text or any(_is_exempt(host, port, pattern) for pattern in self._exempt):
            return None
        return read_proxy(text, variable)


def read_proxy(text: str, source: str) -> Proxy:
    """Read a proxy's URL; its scheme may be left out, and user info is percent-encoded.

    :param source: where it was named, for people.
    :raises InputError: ``bad-proxy``.
    """
    text = text.strip()
    if not re.match(_SCHEME, text):
        text = f"http://{text}"
    try:
        url, username, password = split_user_info(text)
        parts = urlsplit(url)
        port, scheme = parts.port, parts.scheme.lower()
    except ValueError:
        raise _bad(text, source, "its host or port cannot be read") from None
    if scheme not in _DEFAULT_PORTS:
        raise _bad(text, source, f"{mask(scheme)[:20]} is none of {', '.join(_DEFAULT_PORTS)}")
    if not HOST.fullmatch(parts.netloc) or port == 0 or not text.isprintable():
        raise _bad(text, source, "it has no valid host")
    return Proxy(scheme, parts.hostname or "", port or _DEFAULT_PORTS[scheme], username, Secret(password), source)


def _from_variables(environ: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return by scheme the variable that names a proxy, and what it says.

    A server's variable ``HTTP_PROXY`` may hold a header of whoever asked it (CVE-2016-5385): it is not read there.
    """
    named = {}
    for scheme in ("http", "https", "all"):
        names = [f"{scheme}_proxy", f"{scheme}_proxy".upper()]
        if scheme == "http" and "REQUEST_METHOD" in environ:
            names.pop()
        variable = next((name for name in names if name in environ), "")
        if variable and environ[variable].strip():
            named[scheme] = variable, environ[variable]
    return named


def _is_exempt(host: str, port: int, pattern: str) -> bool:
    """Whether a pattern of ``no_proxy`` means a host: ``*``, a domain with all below it, an address, a network."""
    if pattern == "*":
        return True
    if "/" in pattern:
        return _is_in(host, pattern)
    name, _, wanted = pattern.rpartition(":") if re.fullmatch(r"[^:]+:\d+|\[.*\]:\d+", pattern) else (pattern, "", "")
    if wanted and int(wanted) != port:
        return False
    name = name.strip("[]").lstrip("*").lstrip(".").rstrip(".")
    host = host.rstrip(".")
    return bool(name) and (host == name or (host.endswith(f".{name}") and not host.replace(".", "").isdecimal()))


def _is_in(host: str, network: str) -> bool:
    from ipaddress import ip_address, ip_network  # late: 4 ms, and networks are rarely named

    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False


def _bad(text: str, source: str, why: str) -> InputError:
    shown = "".join(letter if letter.isprintable() else " " for letter in text.rpartition("@")[2])
    return InputError(
        "bad-proxy",
        f"{shown[:200]!r} from {source} is not the URL of a proxy: {why}",
        hint="Write it as http://HOST:PORT; user name and password in it are percent-encoded.",
    )
