"""Where it comes from: indexes, and how they are reached."""

from __future__ import annotations

from clearway.settings.option import ASK, INDEX, REQUEST, Option

ROWS = (
    Option(
        "index-url",
        "url",
        ASK,
        "The default index: the URL of a simple repository (PEP 503), or the name of a configured index. User info in "
        "the URL is sent to that index only.",
        short="-i",
        aliases=("pypi-url",),
        metavar="URL",
        default="the one that pip would use",
    ),
    Option(
        "extra-index-url",
        "list",
        ASK,
        "A further index, by URL or name, asked before the default index.",
        metavar="URL",
    ),
    Option(
        "refresh-package",
        "names",
        ASK,
        "Ask again for the listings of these projects, though what is kept of them is still fresh; :all: for every "
        "project, :none: to forget what was said.",
        metavar="NAMES",
        files="none",
    ),
    Option("no-index", "flag", ASK, "Ask no index; use --find-links alone."),
    Option("find-links", "list", ASK, "A page, folder or file URL with links to wheels.", short="-f", metavar="PLACE"),
    Option(
        "index-strategy",
        "choice",
        ASK,
        "Which index a project comes from: the first that has it, or all of them merged.",
        choices=("first-index", "unsafe-best-match"),
        default="first-index",
        shared=False,
    ),
    Option(
        "timeout",
        "wait",
        REQUEST,
        "How long there may be no answer before a connection counts as broken.",
        aliases=("default-timeout",),
        metavar="DURATION",
        default="15",
    ),
    Option(
        "retries", "whole", REQUEST, "How often a failure that may pass is tried again.", metavar="COUNT", default="5"
    ),
    Option(
        "resume-retries",
        "whole",
        REQUEST,
        "How often an answer that broke off is gone on with, or begun again.",
        metavar="COUNT",
        default="as --retries says, but no more than 3",
    ),
    Option(
        "cert",
        "path",
        REQUEST,
        "A file of certificates to trust besides the system's.",
        metavar="FILE",
        fallbacks=("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
        files="user",
    ),
    Option(
        "client-cert",
        "path",
        REQUEST,
        "A client certificate in PEM format, with its private key in the same file, for servers that ask for one.",
        metavar="FILE",
        files="user",
    ),
    Option(
        "proxy",
        "url",
        REQUEST,
        "The proxy for every request, whatever the variables say; http_proxy, https_proxy, all_proxy and no_proxy are "
        "read where it is not given. User name and password in it are percent-encoded.",
        metavar="[SCHEME://][USER:PASSWORD@]HOST:PORT",
        default="that of the variables",
        files="user",
    ),
    Option("no-proxy-env", "flag", REQUEST, "Read no variables that name proxies.", files="user"),
    Option(
        "trusted-host",
        "list",
        REQUEST,
        "A host whose certificate is not checked, on all of its ports or on one. It holds for no other host that this "
        "one may lead to.",
        metavar="HOST[:PORT]",
        files="user",
    ),
    Option(
        "keyring-provider",
        "choice",
        REQUEST,
        "Where credentials are looked up that nothing else gives: the keyring package beside clearway (import), the "
        "keyring command on PATH (subprocess), the first of them that is there (auto), or nowhere. With --no-input, "
        "auto asks neither.",
        choices=("auto", "disabled", "import", "subprocess"),
        default="auto",
        files="user",
    ),
    Option("no-input", "flag", REQUEST, "Ask the person at the terminal nothing."),
    Option(
        "project",
        "list",
        INDEX,
        "A project to look at; of several, the first that an index has.",
        metavar="NAME",
        shared=False,
        files="none",
    ),
)
