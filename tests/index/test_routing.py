"""What an index is, where its listings are, who is asked first, and where its credential may go (DESIGN 4.7, 4.8)."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from clearway.errors import InputError
from clearway.index.records import Index
from clearway.index.routing import (
    choose_index,
    forwarded_index,
    leaves_home,
    listing_url,
    make_index,
    may_carry_credential,
    route,
)
from clearway.model.names import NormalizedName
from clearway.model.urls import origin
from clearway.policy.rules import Rules


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://index.example.com/simple/", "https://index.example.com/simple/"),
        ("https://index.example.com/simple", "https://index.example.com/simple/"),
        ("https://index.example.com", "https://index.example.com/"),
        ("  https://index.example.com/simple//#fragment\n", "https://index.example.com/simple/"),
        ("HTTPS://Index.Example.COM:443/Simple", "https://index.example.com/Simple/"),
        ("http://index.example.com:80/simple", "http://index.example.com/simple/"),
        ("http://index.example.com:8080/simple", "http://index.example.com:8080/simple/"),
        ("http://index.example.com:/simple", "http://index.example.com/simple/"),
        ("http://[::1]:3141/root/pypi/+simple", "http://[::1]:3141/root/pypi/+simple/"),
        ("https://index.example.com/pürée%20x/", "https://index.example.com/p%C3%BCr%C3%A9e%20x/"),
        ("file:///srv/simple", "file:///srv/simple/"),
        ("/srv/my wheels", "file:///srv/my%20wheels/"),
    ],
)
def test_an_index_is_its_url_in_one_spelling(text: str, url: str) -> None:
    index = make_index(text)
    assert (index.name, index.url, index.kind, index.credential) == (url, url, "simple", None)


def test_folders_are_taken_from_where_the_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert make_index("./simple").url == f"{tmp_path.as_uri()}/simple/"
    assert make_index("wheels", kind="find-links").url == f"{tmp_path.as_uri()}/wheels"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://files.example.com/all.html?x=1#top", "https://files.example.com/all.html?x=1"),
        ("https://files.example.com/wheels/", "https://files.example.com/wheels/"),
        ("file:///srv/links.html", "file:///srv/links.html"),
    ],
)
def test_a_page_of_links_keeps_its_url(text: str, url: str) -> None:
    index = make_index(text, kind="find-links", name="ours")
    assert (index.name, index.url, index.kind) == ("ours", url, "find-links")


@pytest.mark.parametrize(
    ("info", "username", "password"),
    [
        ("ann:secret", "ann", "secret"),
        ("ann%40example.com:s%2F%3A%40x", "ann@example.com", "s/:@x"),
        ("token", "token", ""),
        (":secret", "", "secret"),
        ("ann:a:b", "ann", "a:b"),
    ],
)
def test_user_info_becomes_the_credential_and_leaves_the_url(info: str, username: str, password: str) -> None:
    index = make_index(f"https://{info}@Index.example.com/simple/", source="PIP_INDEX_URL")
    assert index.credential is not None
    assert (index.credential.username, index.credential.password.reveal()) == (username, password)
    assert index.credential.source == "PIP_INDEX_URL"
    assert index.name == index.url == "https://index.example.com/simple/"
    assert "secret" not in repr(index)


def test_empty_user_info_is_no_credential() -> None:
    assert make_index("https://@index.example.com/simple/").credential is None
    assert make_index("https://:@index.example.com/simple/").credential is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "index.example.com/simple",
        "index.example.com:8080/simple",
        "simple",
        "git+https://index.example.com/simple",
        "ftp://index.example.com/simple",
        "https://",
        "https:///simple",
        "https://ann:secret@/simple",
        "https://ann:secret@index.example.com:99999/simple",
        "https://ann:secret@index.example.com:0/simple",
        "https://ann:sec/ret@index.example.com/simple",
        "https://ann:sec#ret@index.example.com/simple",
        "https://ann:secret@[::1/simple",
        "https://ann:secret@index example.com/simple",
        "https://ann:secret@index.example.com/sim ple",
        "https://ann:secret@index.example.com/sim\x1b[2Jple",
        "https://ann:secret@index.example.com/simple?token=1",
        "git+ssh://ann:secret@index.example.com/simple",
        "./sim\x1bple",
    ],
)
def test_what_is_no_url_is_an_error_that_tells_no_secret(text: str) -> None:
    with pytest.raises(InputError) as failure:
        make_index(text, source="--extra-index-url")
    assert failure.value.code == "bad-index-url"
    assert "--extra-index-url" in failure.value.message
    assert failure.value.hint
    told = f"{failure.value.message} {failure.value.context} {failure.value.hint}"
    assert "sec" not in told
    assert told.isprintable()


infos = st.sampled_from(["", "ann@", "ann:secret@", "a@b:c@", "[@", "%40:%2f@", "\\@"])
hosts = st.sampled_from(
    ["h.example.com", "H.Example.com:443", "h:80", "h:0", "h:x", "[::1]", "[::1", "", "a b", "h\\x"]
)
paths = st.text(alphabet="ab/@[]#%.:;~", max_size=12).map(lambda text: "/" + text)


@given(st.builds("{}{}{}".format, infos, hosts, paths))
def test_any_text_gives_an_error_or_an_index_that_is_its_url(text: str) -> None:
    try:
        index = make_index("https://" + text)
    except InputError as failure:
        event(failure.code)
    else:
        assert index.url.startswith("https://")
        assert index.url.endswith("/")
        assert "@" not in index.url.split("/")[2]
        assert make_index(index.url).url == index.url


def test_listings_are_below_the_index() -> None:
    assert listing_url(make_index("https://index.example.com/simple"), NormalizedName("demo-pkg")) == (
        "https://index.example.com/simple/demo-pkg/"
    )


def test_extras_are_asked_in_order_and_the_default_index_last() -> None:
    default, one, two = (make_index(f"https://{name}.example.com/simple") for name in ("default", "one", "two"))
    assert route(default, [one, two], "first-index") == ((one,), (two,), (default,))
    assert route(None, [one], "first-index") == ((one,),)
    assert route(default, [one, two], "unsafe-best-match") == ((one, two, default),)
    assert route(None, [], "first-index") == ()


def test_an_index_that_is_named_twice_is_asked_once() -> None:
    one, two = (make_index(f"https://{name}.example.com/simple") for name in ("one", "two"))
    assert route(one, [two, one, make_index(one.url, name="other")], "first-index") == ((two,), (one,))
    private, again, other = (
        make_index(f"https://{info}@one.example.com/simple") for info in ("ann:secret", "ann:secret", "ann:other")
    )
    assert route(one, [private, again, other], "first-index") == ((private,), (other,), (one,))


FAILING = Rules(on_refusal="fail")
ASKING = Rules(proof_age=0)


@pytest.fixture
def configured() -> list[Index]:
    """Two configured indexes, one of them with a credential."""
    return [
        make_index("https://ann:secret@corp.example.com/simple", name="Corp_A", source="a file", rules=FAILING),
        make_index("https://team.example.com/", name="team"),
    ]


@pytest.mark.parametrize("text", ["Corp_A", "corp-a", " CORP.A "])
def test_a_configured_index_by_its_name(configured: list[Index], text: str) -> None:
    assert choose_index(text, "--index-url", configured, ASKING) is configured[0]


@pytest.mark.parametrize(
    "text",
    ["https://corp.example.com/simple/", "https://CORP.example.com:443/simple", "https://@corp.example.com/simple"],
)
def test_a_configured_index_by_its_url(configured: list[Index], text: str) -> None:
    """It is called and read as that index; the credential of another spelling stays where it was given."""
    index = choose_index(text, "--index-url", configured, ASKING)
    assert (index.name, index.url, index.rules) == ("Corp_A", "https://corp.example.com/simple/", FAILING)
    assert index.credential is None


def test_user_info_stays_with_the_url_that_has_it(configured: list[Index]) -> None:
    index = choose_index("https://bob:other@corp.example.com/simple/", "PIP_INDEX_URL", configured, ASKING)
    assert index.credential is not None
    assert (index.credential.username, index.credential.password.reveal()) == ("bob", "other")
    assert (index.name, index.credential.source) == ("Corp_A", "PIP_INDEX_URL")
    assert configured[0].credential is not None
    assert configured[0].credential.username == "ann"


def test_another_index_has_the_rules_of_the_run(configured: list[Index]) -> None:
    for text in (
        "https://corp.example.com/",
        "https://corp.example.com/simple/deep/",
        "http://corp.example.com/simple/",
    ):
        index = choose_index(text, "--index-url", configured, ASKING)
        assert (index.name, index.rules) == (index.url, ASKING)


def test_a_name_that_nobody_configured(configured: list[Index]) -> None:
    with pytest.raises(InputError) as failure:
        choose_index("crop", "PIP_INDEX_URL", configured, ASKING)
    assert failure.value.code == "unknown-index"
    assert failure.value.message == "PIP_INDEX_URL names the index crop, but none of that name is configured"
    assert failure.value.context == ("configured: Corp_A, team",)
    assert failure.value.hint
    with pytest.raises(InputError, match="is not the URL of an index"):
        choose_index("crop", "PIP_INDEX_URL", [], ASKING)


def test_a_folder_is_no_name(configured: list[Index], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert choose_index("./team", "--index-url", configured, ASKING).url == f"{tmp_path.as_uri()}/team/"
    assert choose_index(".", "--index-url", configured, ASKING).url == f"{tmp_path.as_uri()}/"


def test_rules_come_with_the_index() -> None:
    for text in ("https://example.com/", "/srv/simple"):
        assert make_index(text).rules == Rules()
        assert make_index(text, kind="find-links", rules=ASKING).rules == ASKING


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://index.example.com/files/x.whl", True),
        ("https://INDEX.example.com:443/x", True),
        ("http://index.example.com/x", False),
        ("https://index.example.com:8443/x", False),
        ("https://index.example.com.evil.example/x", False),
        ("https://example.com/x", False),
        ("https://files.index.example.com/x", False),
        ("https://index.example.com@evil.example/x", False),
        ("https://evil.example/https://index.example.com/x", False),
        ("file:///etc/passwd", False),
        ("//index.example.com/x", False),
        ("https://index.example.com:99999/x", False),
        ("https://[::1/x", False),
        ("", False),
    ],
)
def test_a_credential_goes_to_its_own_origin_only(url: str, allowed: bool) -> None:
    assert may_carry_credential(make_index("https://ann:secret@index.example.com/simple/"), url) is allowed


@pytest.mark.parametrize(
    ("home", "url", "allowed"),
    [
        ("http://h.example.com/simple/", "https://h.example.com/simple/demo/", True),
        ("http://H.example.com:80/simple/", "https://h.EXAMPLE.com:443/x", True),
        ("http://h.example.com:8080/simple/", "https://h.example.com/x", False),
        ("http://h.example.com:8080/simple/", "https://h.example.com:8080/x", False),
        ("http://h.example.com/simple/", "https://h.example.com:8443/x", False),
        ("http://h.example.com/simple/", "https://other.example.com/x", False),
        ("https://h.example.com/simple/", "http://h.example.com/x", False),
        ("https://h.example.com/simple/", "http://h.example.com:443/x", False),
        ("https://h.example.com:80/simple/", "http://h.example.com/x", False),
    ],
)
def test_a_credential_goes_up_to_https_and_never_down(home: str, url: str, allowed: bool) -> None:
    """From one usual port to the other; any other port may be somebody else's."""
    assert may_carry_credential(make_index(home.replace("://", "://ann:secret@")), url) is allowed


@pytest.mark.parametrize(
    ("home", "named", "url", "allowed"),
    [
        ("https", "https://files.example.com", "https://FILES.example.com:443/x", True),
        ("https", "https://Files.Example.com:443/", "https://files.example.com/a%2Fb/x", True),
        ("https", "https://files.example.com", "http://files.example.com/x", False),
        ("https", "https://files.example.com", "https://files.example.com:8443/x", False),
        ("https", "https://files.example.com", "https://files.example.com.evil.example/x", False),
        ("https", "http://files.example.com", "http://files.example.com/x", False),
        ("http", "http://files.example.com", "http://files.example.com/x", True),
        ("http", "https://files.example.com", "https://files.example.com/x", True),
        ("https", "https://files.example.com:port", "https://files.example.com/x", False),
    ],
)
def test_a_credential_goes_to_origins_that_are_named(home: str, named: str, url: str, allowed: bool) -> None:
    index = make_index(f"{home}://ann:secret@index.example.com/simple/")
    assert may_carry_credential(msgspec.structs.replace(index, origins=(named,)), url) is allowed


@given(infos, hosts, paths, st.sampled_from(["http", "https"]))
def test_user_info_in_a_url_changes_nothing_about_where_a_credential_goes(
    info: str, host: str, path: str, scheme: str
) -> None:
    """Whatever a page or a Location header says: it never widens the place, and https is never left."""
    index = make_index("https://ann:secret@h.example.com/simple/")
    url = f"{scheme}://{info}{host}{path}"
    if may_carry_credential(index, url):
        assert origin(url) == ("https", "h.example.com", 443)


def test_what_is_forwarded_has_no_credential_and_shows_no_query() -> None:
    index = msgspec.structs.replace(
        make_index("https://ann:secret@h.example.com/simple/", name="corp", rules=FAILING),
        origins=("https://public.example.com",),
        client_cert="me.pem",
    )
    for end in ("demo/", "demo", "demo/?token=secret"):
        stranger = forwarded_index(index, f"https://public.example.com/simple/{end}", NormalizedName("demo"))
        assert "secret" not in stranger.name
        assert (stranger.credential, stranger.origins, stranger.client_cert) == (None, (), "")
        assert stranger.rules == FAILING


@pytest.mark.parametrize(
    ("url", "start", "leaves"),
    [
        ("https://h.example.com/b/", "https://h.example.com/a/", False),
        ("https://H.example.com:443/b/", "https://h.example.com/a/", False),
        ("https://h.example.com/b/", "http://h.example.com/a/", False),
        ("http://h.example.com/b/", "https://h.example.com/a/", True),
        ("https://h.example.com:8443/b/", "https://h.example.com/a/", True),
        ("https://other.example.com/b/", "https://h.example.com/a/", True),
        ("https://h.example.com:port/", "https://h.example.com/a/", True),
    ],
)
def test_a_redirect_that_leaves_its_index(url: str, start: str, leaves: bool) -> None:
    assert leaves_home(url, start) is leaves
