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
