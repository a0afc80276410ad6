"""``clearway index list`` and ``check``: what they show, where credentials come from, and what they leave alone."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from end_to_end.test_light_runs import modules_of
from end_to_end.world import check_failure
from support import certificates
from support.keyrings import FakeKeyring
from support.simulator import Answer, IndexSimulator, redirect
from support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from end_to_end.world import Run, World
    from support.repository import Repository


def user_file(world: World, monkeypatch: pytest.MonkeyPatch, *tables: str) -> None:
    path = world.root / "given.toml"
    path.write_text("\n".join(tables))
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(path))


def table(name: str, url: str, *lines: str) -> str:
    return "\n".join(["[[index]]", f'name = "{name}"', f'url = "{url}"', *lines, ""])


def private(world: World, name: str = "corp") -> Repository:
    repository = world.index.repository(name, users={"zoe": world.secret(plain=True)})
    repository.add(make_wheel(f"{name}lib", "1.0"))
    return repository


def index(world: World, *arguments: object) -> Run:
    """Ask about the indexes, which changes and keeps nothing."""
    before = world.snapshot()
    told = world.clearway("index", *arguments, *world.place(), "--index-url", world.index.url)
    assert world.changes(before) == []
    assert not list(world.cache.glob("archives-*/*"))
    return told


def lines(world: World, told: Run) -> list[str]:
    return told.out.replace(world.index.host, "HOST").splitlines()


def data(told: Run) -> list[Any]:
    assert told.err == ""
    parsed = json.loads(told.out)
    assert isinstance(parsed, list)
    return parsed


# -- list --------------------------------------------------------------------------------------------------------------


def test_list(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    corp, secret = private(world), world.secret(plain=True)
    monkeypatch.setenv("CLEARWAY_INDEX_CORP_PASSWORD", secret)
    more = (
        "packages = ['corp-*']",
        "policed = true",
        "absent-status = [403, 418]",
        "origins = ['https://x.example.com']",
    )
    user_file(
        world,
        monkeypatch,
        table("corp", corp.url, "username = 'zoe'", *more),
        table("tools", "https://tools.example.com/simple/", "packages = ['tool']", "explicit = true"),
    )
    told = index(world, "list")
    assert (told.status, told.err) == (0, "")
    assert lines(world, told) == [
        "1. corp (extra index)",
        "   URL: HOST/corp/simple/",
        "   Credential: user zoe, from CLEARWAY_INDEX_CORP_PASSWORD",
        "   Packages: corp-*",
        "   Rules: absent-status = [403, 418], proof-age = 0",
        "   Origins: https://x.example.com",
        "2. tools (asked for its packages only)",
        "   URL: https://tools.example.com/simple/",
        "   Credential: none",
        "   Packages: tool",
        "3. HOST/simple/ (default index)",
        "   Credential: none",
    ]
    assert world.index.seen() == []
    first, second, third = data(index(world, "list", "--json"))
    assert first["credential"] == {"scheme": "basic", "username": "zoe", "source": "CLEARWAY_INDEX_CORP_PASSWORD"}
    assert first["rules"] == {"absent-status": [403, 418], "proof-age": 0.0}
    assert [one["order"] for one in (first, second, third)] == [1, 2, 3]
    assert [one["default"] for one in (first, second, third)] == [False, False, True]
    assert (second["explicit"], second["credential"]) == (True, None)


def test_a_command_that_fails_hides_no_other_index(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    corp, secret = private(world), world.secret(plain=True)
    monkeypatch.setenv("CLEARWAY_INDEX_CORP_PASSWORD", secret)
    failing = f"password-command = ['{sys.executable}', '-c', 'import sys; sys.exit(\"locked\")']"
    user_file(
        world,
        monkeypatch,
        table("vault", "https://vault.example.com/simple/", "username = 'zoe'", failing),
        table("helped", "https://helped.example.com/simple/", "credential-helper = ['/nowhere/helper']"),
        table("corp", corp.url, "username = 'zoe'"),
    )
    told = index(world, "list")
    assert told.status == 3
    failures = [
        "the password-command of vault failed with status 1: locked",
        "the credential-helper of helped cannot be run: No such file or directory",
    ]
    assert [line for line in lines(world, told) if "Credential" in line] == [
        *(f"   Credential: none: {failure}" for failure in failures),
        "   Credential: user zoe, from CLEARWAY_INDEX_CORP_PASSWORD",
        "   Credential: none",
    ]
    assert sorted(told.warnings) == sorted(
        f"{name} cannot be used: {failure}." for name, failure in zip(("vault", "helped"), failures, strict=True)
    )
    listed = index(world, "list", "--json")
    assert [one["failure"] for one in json.loads(listed.out)] == [*failures, None, None]
    assert index(world, "list", "corp").status == 0
    check_failure(index(world, "check"), 3, ["the credential-helper of helped cannot be run"])


@pytest.mark.parametrize("password", ["", ":", ":x", ":x-oauth-basic"])
def test_a_user_name_that_is_a_token_is_not_shown(world: World, password: str) -> None:
    url = world.index.url.replace("://", f"://{world.secret(plain=True)}{password}@")
    told = index(world, "list", "--no-input", "--extra-index-url", url)
    assert "Credential: a user name that may be a token, from" in told.out
    (first, _) = data(index(world, "list", "--no-input", "--json", "--extra-index-url", url))
    assert first["credential"]["username"] is None


def test_a_bearer_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARWAY_INDEX_CORP_TOKEN", world.secret(plain=True))
    user_file(world, monkeypatch, table("corp", world.index.url))
    assert "   Credential: a token, from CLEARWAY_INDEX_CORP_TOKEN" in index(world, "list", "corp").out.splitlines()


def test_one_of_them_by_name_or_url(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    user_file(world, monkeypatch, table("My.Corp", "https://corp.example.com/simple/"))
    for name in ("my-corp", "https://corp.example.com/simple", "https://me:x@CORP.example.com:443/simple/"):
        assert [one["name"] for one in data(index(world, "list", "--json", name))] == ["My.Corp"]


def test_the_default_index_stands_last(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is given twice, with two credentials, is two; the one that pip would use is known by its place."""
    url = "https://corp.example.com/simple/"
    first, second = (url.replace("://", f"://{user}:{world.secret(plain=True)}@") for user in ("ann", "bob"))
    told = world.clearway("index", "list", "--json", *world.place(), "-i", second, "--extra-index-url", first)
    assert [(one["credential"]["username"], one["default"]) for one in data(told)] == [("ann", False), ("bob", True)]
    monkeypatch.delenv("PIP_INDEX_URL")
    told = world.clearway("index", "list", "--json", *world.place(), "--extra-index-url", first)
    assert [one["default"] for one in data(told)] == [False, True]


def test_the_files_of_pip_say_which_are_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sections of an installation count."""
    path = world.root / "given.conf"
    path.write_text("[install]\nextra-index-url = https://a.example.com/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(path))
    assert data(index(world, "list", "--json"))[0]["name"] == "https://a.example.com/simple/"


# -- check -------------------------------------------------------------------------------------------------------------


def test_check(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    corp = private(world)
    user_file(world, monkeypatch, table("corp", corp.url_for("zoe")))
    told = index(world, "check", "corp")
    assert (told.status, told.err) == (0, "")
    said = lines(world, told)
    source = f"{world.root / 'given.toml'}, index corp"
    assert said.pop(-1).startswith("  Round trip: ")
    assert said == [
        "corp: usable",
        "  URL: HOST/corp/simple/",
        f"  Credential: user zoe, from {source}",
        "  Root page: 200, 1 project; without the credential 401",
        "  Listing of corplib: JSON, 1 file; without the credential 401",
        "  Hashes: all",
        "  Sizes: all",
        "  Upload times: all",
        "  Yanked: none",
        "  Revalidation: ETag, 304",
        "  Metadata files: announced for all of the wheels; that of corplib-1.0-py3-none-any.whl: there",
        "  File corplib-1.0-py3-none-any.whl: 206",
        "  Ranges: honoured",
        "  A name that nobody has: 404",
    ]
    assert world.index.seen(repository="") == []


def test_check_for_programs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    corp = private(world)
    corp.add(make_wheel("other", "1.0"), yanked="")
    world.index.on(redirect("https://u:p@public.example.com/x/?token=1"), repository="corp", stage="listing", times=1)
    user_file(world, monkeypatch, table("corp", corp.url_for("zoe")))
    told = index(world, "check", "--json", "corp", "--project", "Other")
    (one,) = data(told)
    assert told.status == 0
    assert one["usable"] is True
    assert one["unknown"]["redirects-to"] == "https://public.example.com"
    assert (one["listing"]["name"], one["listing"]["yanked"], one["listing"]["upload-times"]) == ("other", 1, 1)
    assert (one["file"]["ranges"], one["file"]["sidecar"]["status"]) == (True, 200)
    assert one["root"]["anonymous"]["status"] == 401
    assert [remark["level"] for remark in one["remarks"]] == ["advice"]
    assert one["round-trip"] > 0


def test_one_of_two_cannot_be_used(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.index.add(make_wheel("pip", "1.0"))
    private(world)
    monkeypatch.setenv("CLEARWAY_INDEX_CORP_PASSWORD", world.secret(plain=True))
    user_file(world, monkeypatch, table("corp", world.index.repository("corp").url, "username = 'zoe'"))
    told = index(world, "check")
    assert told.status == 3
    assert "corp: CANNOT BE USED" in told.out
    assert "PROBLEM: The credential is refused: 401. It comes from CLEARWAY_INDEX_CORP_PASSWORD." in told.out
    assert f"{world.index.url}: usable" in told.out


def test_a_keyring_is_asked_after_a_401(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = FakeKeyring(tmp_path)
    monkeypatch.setenv("PATH", f"{keyring.commands}{os.pathsep}{os.environ['PATH']}")
    corp = private(world)
    keyring.keep(corp.url, "zoe", (corp.users or {})["zoe"])
    user_file(world, monkeypatch, table("corp", corp.url))
    told = index(world, "check", "corp")
    assert told.status == 0, told.text
    assert "Credential: user zoe, from the keyring" in told.out
    assert "Credential: none" in index(world, "list", "corp").out


def test_both_are_asked_for_after_a_401(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = FakeKeyring(tmp_path)
    monkeypatch.setenv("PATH", f"{keyring.commands}{os.pathsep}{os.environ['PATH']}")
    known, unknown = private(world), private(world, "dept")
    keyring.keep(known.url, "zoe", (known.users or {})["zoe"])
    user_file(world, monkeypatch, table("dept", unknown.url), table("corp", known.url))
    told = index(world, "check", "dept", "corp")
    assert told.status == 3
    assert "dept: CANNOT BE USED" in told.out
    assert "corp: usable" in told.out


def test_nothing_of_an_answer_steers_the_terminal(world: World) -> None:
    world.index.on(Answer(403, "\x1b[2Jwiped"), stage="listing")
    told = index(world, "check")
    assert told.status == 3
    assert "\x1b" not in told.out


def test_a_secret_that_comes_back_is_not_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The world looks for it in all that was said."""
    corp = private(world)
    (secret,) = (corp.users or {}).values()
    user_file(world, monkeypatch, table("corp", corp.url_for("zoe")))
    login = f"<title>{secret}</title><input type='password'>".encode()
    for number, answer in enumerate(
        (
            Answer(403, secret, body=f'{{"message": "no access for {secret}"}}'.encode()),
            Answer(200, body=login, headers={"Content-Type": "text/html"}),
            redirect(f"https://{secret}.example.com/"),
            redirect(f"/{secret}/{secret}"),
        )
    ):
        world.index.clear()
        world.index.on(redirect(f"/{secret}/{secret}"), path=f"/{secret}/{secret}")
        world.index.on(answer, repository="corp", **({"stage": "root"} if number == 1 else {}))
        world.index.on(Answer(404), repository="corp", stage="listing")
        for form in ((), ("--json",)):
            told = index(world, "check", "corp", *form)
            assert told.status in {0, 3}
            assert secret not in told.text


def test_a_certificate_that_is_not_trusted(world: World, tmp_path: Path) -> None:
    if not certificates.AVAILABLE:
        pytest.skip("no openssl")
    folder = tmp_path / "given-tls"
    folder.mkdir()
    authority, context = certificates.make_authority(folder)
    with IndexSimulator(context) as tls:
        tls.add(make_wheel("pip", "1.0"))
        told = world.clearway("index", "check", *world.place(), "--index-url", tls.url)
        assert told.status == 3
        assert "PROBLEM: The certificate of 127.0.0.1 is not trusted" in told.out
        assert "SSL_CERT_FILE" in told.out
        trusted = world.clearway("index", "check", *world.place(), "--index-url", tls.url, "--cert", authority)
        assert trusted.status == 0, trusted.text


def test_nobody_answers(world: World) -> None:
    with IndexSimulator() as gone:
        url = gone.url
    told = world.clearway("index", "check", *world.place(), "--index-url", url, "--retries", "0")
    assert told.status == 3
    assert "PROBLEM: " in told.out
    assert "cannot be used" in told.out
    (one,) = data(world.clearway("index", "check", "--json", *world.place(), "--index-url", url, "--retries", "0"))
    assert (one["usable"], one["root"]["failure"]["code"], one["round-trip"]) == (False, "unreachable", None)


def test_a_broken_connection_is_tried_once_more(world: World) -> None:
    world.index.on(Answer(drop_after=-1), stage="root")
    assert index(world, "check").status == 3
    assert len(world.index.seen()) == 2


def test_a_local_index(world: World) -> None:
    wheel = make_wheel("pip", "1.0")
    folder = world.root / "local" / "pip"
    folder.mkdir(parents=True)
    (folder / wheel.filename).write_bytes(wheel.content)
    (folder / "index.html").write_text(f'<title>Links</title><a href="{wheel.filename}">{wheel.filename}</a>')
    told = world.clearway("index", "check", *world.place(), "--index-url", folder.parent)
    assert told.status == 0, told.text
    assert "Listing of pip: HTML, 1 file" in told.out
    assert "ADVICE" not in told.out.replace("ADVICE: 1 of 1 files of pip have no hash", "")


# -- bad input ---------------------------------------------------------------------------------------------------------


def test_no_such_index(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    user_file(world, monkeypatch, table("corp", "https://corp.example.com/simple/"))
    for action in ("list", "check"):
        check_failure(index(world, action, "cop"), 2, ["There is no index 'cop'", "corp"])
    secret = world.secret(plain=True)
    told = index(world, "list", f"https://me:{secret}@other.example.com/simple/")
    check_failure(told, 2, ["https://****@other.example.com/simple/"])


def test_an_index_that_is_not_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    user_file(world, monkeypatch, table("corp", "https://corp.example.com/simple/", "default = true"))
    check_failure(index(world, "check", "corp"), 2, ["configured", "not asked", "--index-url corp"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "needs an action: list, check, versions"),
        (("show",), "has no action 'show'"),
        (("list", "--no-index"), "no-index is set by --no-index"),
        (("check", "--project", "six>=1"), "not the name of a project"),
    ],
)
def test_bad_arguments(world: World, arguments: tuple[str, ...], words: str) -> None:
    told = index(world, *arguments)
    check_failure(told, 2, [words])
    assert "NAME" not in told.err
    assert world.index.seen() == []


def test_a_client_certificate_that_is_not_there(world: World) -> None:
    check_failure(index(world, "check", "--client-cert", world.root / "none.pem"), 2, ["none.pem"])


def test_a_list_needs_no_client() -> None:
    """Nothing is asked, so nothing is imported that could ask."""
    line = ("index", "list", "--index-url", "https://corp.example.com/simple/", "--python", sys.executable)
    loaded, said = modules_of(*line)
    assert "1. https://corp.example.com/simple/ (default index)" in said
    assert not {"pyreqwest", "clearway.commands.index_check", "clearway.transport.fetcher"} & loaded
