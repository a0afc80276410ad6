"""Where credentials come from, through the whole command line: each source, and what happens when one is wrong."""

from __future__ import annotations

import json
import os
import signal
import ssl
import sys
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from clearway.cli.wiring import Wiring
from clearway.configuration.own_files import read_own_files
from clearway.index.records import Index
from clearway.secrets import answers
from clearway.settings.merge import merge
from clearway.settings.settings import Particulars
from end_to_end.test_configuration import DOCS, examples
from end_to_end.test_light_runs import modules_of
from end_to_end.world import check_failure
from support import certificates
from support.simulator import Answer, IndexSimulator
from support.terminal import TerminalProgram
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import Run, World
    from support.keyrings import FakeKeyring
    from support.repository import Repository

PREFIX = "CLEARWAY_INDEX_CORP_"


def private(world: World, name: str = "corp", user: str = "zoe", secret: str = "") -> tuple[Repository, str]:
    """Return a repository for one user, with a project of its name in it, and the secret."""
    secret = secret or world.secret(plain=True)
    repository = world.index.repository(name, users={user: secret})
    repository.add(make_wheel(name, "1.0"))
    return repository, secret


def user_file(world: World, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = world.root / "given.toml"
    path.write_text(text)
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(path))


def table(url: str, *lines: str, name: str = "corp") -> str:
    return "\n".join(["[[index]]", f'name = "{name}"', f'url = "{url}"', *lines, ""])


def command(world: World, name: str, text: str) -> str:
    """Return a command, as an array in TOML."""
    path = world.root / f"given-{name}.py"
    path.write_text(f"import json, sys\n{text}\n")
    return json.dumps([sys.executable, str(path)])


def install(world: World, *arguments: object) -> Run:
    """Install from what is configured, the index of the world last."""
    return world.clearway("install", *world.place(), "--index-url", world.index.url, *arguments)


def statuses(world: World, name: str = "corp") -> set[int]:
    return {seen.status for seen in world.index.seen(repository=name)}


SOURCES = [
    "url", "bearer variable", "variables", "user and token", "password-command", "helper", "bearer helper", "netrc",
    "netrc for a user", "keyring command", "keyring package", "keyring by host",
]  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_a_source(world: World, keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """The first request carries it, and so do all others; nobody else gets it."""
    corp, secret = private(world, user="" if "bearer" in source else "zoe")
    url, lines, host = corp.url, [], urlsplit(corp.url).netloc
    variables: dict[str, str] = {}
    match source:
        case "url":
            url = corp.url_for("zoe")
        case "bearer variable":
            variables = {"TOKEN": secret}
        case "variables":
            variables = {"USERNAME": "zoe", "PASSWORD": secret}
        case "user and token":
            lines, variables = ['username = "zoe"'], {"TOKEN": secret}
        case "password-command":
            lines = ['username = "zoe"', f"password-command = {command(world, 'get', f'print({secret!r})')}"]
        case "helper" | "bearer helper":
            found = {"token": secret} if "bearer" in source else {"username": "zoe", "password": secret}
            text = f"assert sys.argv[1] == {url!r}\nprint(json.dumps({found}))"
            lines = [f"credential-helper = {command(world, 'helper', text)}"]
        case "netrc" | "netrc for a user":
            path = world.root / "given.netrc"
            path.write_text(f"machine {host} login zoe password {secret}\nmachine other login eve password x\n")
            path.chmod(0o600)
            monkeypatch.setenv("NETRC", str(path))
            lines = ['username = "zoe"'] if "user" in source else []
        case _:
            keyring.keep(host if "host" in source else url, "zoe", secret)
            lines = ["keyring = true"]
    if source == "keyring package":
        monkeypatch.setenv("PATH", os.defpath)
        monkeypatch.setenv("PYTHONPATH", str(keyring.modules))
        monkeypatch.syspath_prepend(keyring.modules)
    for name, value in variables.items():
        monkeypatch.setenv(PREFIX + name, value)
    user_file(world, table(url, *lines), monkeypatch)
    world.index.add(make_wheel("public", "1.0"))
    done = install(world, "corp", "public")
    assert done.status == 0, done.text
    assert done.err == ""
    assert world.versions() == {"corp": "1.0", "public": "1.0"}
    assert {200} <= statuses(world) <= {200, 404}
    others = any("authorization" in seen.headers for seen in world.index.seen(repository=""))
    assert others == ("netrc" in source)  # which is there for the whole host, and fills whatever has nothing else


def test_two_indexes_on_one_host(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One user with two tokens, and one index for everybody between them; dependencies cross."""
    text = ""
    for name, needs in (("one", "two"), ("two", "open"), ("open", "")):
        secret = world.secret()
        repository = world.index.repository(name, users=None if name == "open" else {"ci": secret})
        repository.add(make_wheel(name, "1.0", requires=[needs] if needs else []))
        text += table(repository.url, 'username = "ci"' if name != "open" else "", name=name)
        if name != "open":
            monkeypatch.setenv(f"CLEARWAY_INDEX_{name.upper()}_PASSWORD", secret)
    user_file(world, text, monkeypatch)
    done = install(world, "one")
    assert done.status == 0, done.text
    assert len(world.versions()) == 3
    assert statuses(world, "one") | statuses(world, "two") == {200, 404}
    assert all("authorization" not in seen.headers for seen in world.index.seen(repository="open"))


def test_what_a_name_has_is_not_for_its_url(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    corp, secret = private(world, user="")
    monkeypatch.setenv(f"{PREFIX}TOKEN", secret)
    user_file(world, table(corp.url, "default = true"), monkeypatch)
    check_failure(world.install("corp", index=corp.url), 3, ["no credential was given for it"])
    assert all("authorization" not in seen.headers for seen in world.index.seen())
    world.installed("corp", index="corp")


# -- names and places --------------------------------------------------------------------------------------------------


def test_a_cloned_project_does_not_get_a_secret_by_its_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    corp, secret = private(world)
    (world.root / "clearway.toml").write_text(table(corp.url))
    monkeypatch.setenv(f"{PREFIX}USERNAME", "zoe")
    monkeypatch.setenv(f"{PREFIX}PASSWORD", secret)
    failure = install(world, "corp")
    check_failure(
        failure, 2, [f"{PREFIX}PASSWORD is set, but only a project's file says where", f"{PREFIX}URL={corp.url}"]
    )
    assert world.index.seen() == []
    monkeypatch.setenv(f"{PREFIX}URL", corp.url.replace("127.0.0.1", "localhost"))
    check_failure(install(world, "corp"), 2, ["gives the index corp another origin"])
    assert world.index.seen() == []
    monkeypatch.setenv(f"{PREFIX}URL", world.index.host)
    assert install(world, "corp").status == 0


def test_a_cloned_project_names_no_command(world: World) -> None:
    text = command(world, "hostile", f"open({str(world.root / 'ran')!r}, 'w')")
    (world.root / "clearway.toml").write_text(table(world.index.url, f"credential-helper = {text}"))
    check_failure(install(world, "demo"), 2, ["credential-helper is not for a project's file"])
    assert not (world.root / "ran").exists()


def test_the_example_of_the_reference(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, own = examples("reference/configuration.md")
    user_file(world, own, monkeypatch)
    corp, vendor = merge("install", [], os.environ, (), read_own_files(os.environ, os.getcwd())).indexes
    assert corp.particulars == Particulars(
        username="oauth2accesstoken", password_command=("cloud", "auth", "print-access-token")
    )
    assert vendor.particulars == Particulars(packages=("vendor-*",), explicit=True, client_cert="~/certificates/me.pem")


def test_what_a_table_says_of_its_index(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        'origins = ["https://files.example.com"]',
        'packages = ["Corp_*"]',
        "explicit = true",
        'forwarded = "refuse"',
        'client-cert = "~/me.pem"',
        'client-key = "me.key"',
    ]
    user_file(world, table("https://packages.example.com/simple/", *lines, "default = true"), monkeypatch)
    monkeypatch.delenv("PIP_INDEX_URL")
    settings = merge("install", [], os.environ, (), read_own_files(os.environ, os.getcwd()))
    ((index,),) = Wiring(settings, os.environ, pytest.fail).turns()
    assert index == Index(
        "corp",
        "https://packages.example.com/simple/",
        origins=("https://files.example.com",),
        claims=("corp-*",),
        explicit=True,
        forwarded="refuse",
        client_cert=str(world.root / "home" / "me.pem"),
        client_key=str(world.root / "me.key"),
    )


def test_the_message_of_the_explanation(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://packages.example.com/corp/simple/"
    (world.root / "clearway.toml").write_text(table(url))
    monkeypatch.setenv(f"{PREFIX}TOKEN", world.secret())
    told = install(world, "corp").error.replace(str(world.root), "/src/app")
    assert told in (DOCS / "explanation" / "credentials.md").read_text(encoding="utf-8")


# -- when it is wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [["install"], ["why", "corp"]], ids=" ".join)
def test_after_a_401_the_keyring_is_asked(
    world: World, keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch, line: list[str]
) -> None:
    corp, secret = private(world)
    keyring.keep(corp.url, "zoe", secret)
    user_file(world, table(corp.url), monkeypatch)
    done = world.clearway(*line, *world.place(), "--index-url", world.index.url, "corp")
    assert done.status == 0, done.text
    assert "corp" in done.out
    assert keyring.asked == [(corp.url, None)]
    listings = [seen.status for seen in world.index.seen(repository="corp", project="corp", stage="listing")]
    assert listings[0] == 401
    assert set(listings[1:]) == {200}


def test_a_file_may_want_it_too(world: World, keyring: FakeKeyring) -> None:
    """The listing is for everybody; what was downloaded before is kept."""
    world.index.add(make_wheel("demo", "1.0"))
    world.index.on(Answer(401), stage="file", times=1)
    secret = world.secret(plain=True)
    keyring.keep(urlsplit(world.index.url).netloc, "zoe", secret)
    world.installed("demo", "--no-cache-dir")
    assert [seen.status for seen in world.index.seen(stage="file")] == [401, 200]
    assert "authorization" in world.index.seen(stage="file")[1].headers


def test_a_page_of_links(world: World, keyring: FakeKeyring) -> None:
    wheel = make_wheel("demo", "1.0")
    url = world.index.serve("/links/", f'<a href="{wheel.filename}">x</a>'.encode(), "text/html")
    world.index.serve(f"/links/{wheel.filename}", wheel.content)
    keyring.keep(url, "zoe", world.secret(plain=True))
    world.index.on(Answer(401), path="/links/", times=1)
    world.installed("demo", "--no-index", "--find-links", url)
    asked = world.index.seen(stage="page")
    assert [("authorization" in seen.headers, seen.status) for seen in asked] == [(False, 401), *[(True, 200)] * 2]


def test_a_remote_requirement_file(world: World, keyring: FakeKeyring) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    url = world.index.serve("/lists/all.txt", b"demo\n")
    world.index.on(Answer(401), path="/lists/all.txt", times=1)
    check_failure(world.install("-r", url, "--keyring-provider", "disabled"), 3, [f"{url} cannot be read", "401"])
    world.index.clear()
    keyring.keep(url, "zoe", world.secret(plain=True))
    world.index.on(Answer(401), path="/lists/all.txt", times=1)
    world.installed("-r", url)
    assert "authorization" in world.index.seen(path="/lists/all.txt")[-1].headers


def test_nobody_knows_one(world: World, keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    corp, _ = private(world)
    user_file(world, table(corp.url), monkeypatch)
    failure = install(world, "corp", "--no-input", "--keyring-provider", "subprocess")
    says = ["The index corp wants a valid credential for corp", f"{PREFIX}*", "the keyring command", "--no-input"]
    check_failure(failure, 3, says)
    assert "give it a credential by a variable" in failure.error


@pytest.mark.parametrize("source", ["variable", "helper", "url"])
def test_a_wrong_one_is_named_and_not_replaced(
    world: World, keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    corp, secret = private(world)
    wrong = world.secret(plain=True)
    keyring.keep(corp.url, "zoe", secret)
    url, lines, says = corp.url, [], f"{PREFIX}TOKEN"
    if source == "variable":
        monkeypatch.setenv(f"{PREFIX}TOKEN", wrong)
    elif source == "helper":
        text = f"print(json.dumps({{'token': {wrong!r}}}))"
        lines, says = [f"credential-helper = {command(world, 'helper', text)}"], "the credential-helper of corp"
    else:
        url, says = world.with_user(corp.url, "zoe", wrong), "given.toml, index corp"
    user_file(world, table(url, *lines), monkeypatch)
    check_failure(install(world, "corp"), 3, ["the credential from", says, "was not accepted"])
    assert keyring.asked == []


def test_a_command_that_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = world.secret(plain=True)
    text = f"print({secret!r}); sys.exit('noise\\n\\x1b[31mlocked')"
    lines = ['username = "zoe"', f"password-command = {command(world, 'get', text)}"]
    user_file(world, table(world.index.url, *lines), monkeypatch)
    failure = install(world, "demo")
    check_failure(failure, 3, ["the password-command of corp failed with status 1", "locked"])
    assert "noise" not in failure.text
    assert "\x1b" not in failure.text


def test_one_that_has_ended_in_the_middle_of_a_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The helper is asked again, and the run begins again with what it says then."""
    corp, first = private(world)
    second = world.secret(plain=True)
    text = f"""
from pathlib import Path
known = Path({str(world.root / "given-known")!r})
print(json.dumps({{"username": "zoe", "password": {second!r} if known.exists() else {first!r}, "expires": 3600}}))
known.touch()
"""
    user_file(world, table(corp.url, f"credential-helper = {command(world, 'helper', text)}"), monkeypatch)
    now = time.time()
    clock = iter([now])
    monkeypatch.setattr(answers, "time", SimpleNamespace(time=lambda: next(clock, now + 4000)))
    world.index.on(Answer(401), stage="file", repository="corp", times=1)
    corp.users = None
    assert install(world, "corp").status == 0
    said = {seen.headers["authorization"] for seen in world.index.seen(repository="corp")}
    assert said == {f"Basic {world.basic('zoe', secret)}" for secret in (first, second)}


def test_the_person_at_the_terminal(world: World, keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong password, then the right one, which is kept; the next run asks nobody."""
    corp, secret = private(world)
    user_file(world, table(corp.url), monkeypatch)
    line = ["install", *map(str, world.place()), "--index-url", world.index.url, "corp"]
    program = TerminalProgram([sys.executable, "-m", "clearway", *line], os.environ)
    try:
        for password, saves in (("wrong", "n"), (secret, "y")):
            program.expect(f"The index corp ({corp.url}) wants a user name and a password.")
            program.expect("User name: ")
            program.type("zoe\n")
            program.expect("Password: ")
            program.type(f"{password}\n")
            program.expect("Save it in the keyring [y/N]: ")
            program.type(f"{saves}\n")
        assert program.finish() == 0, program.shown
    finally:
        program.close()
    assert "corp did not accept that" in program.shown
    assert secret not in program.shown
    assert world.versions() == {"corp": "1.0"}
    assert keyring.kept == {corp.url: {"zoe": secret}}
    assert all(secret not in " ".join(words) for words in keyring.words)
    assert install(world, "corp", "--force-reinstall", "--no-cache-dir").status == 0


def test_no_input_asks_nothing_else_either(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.installed("demo")
    line = ["uninstall", "--no-input", *map(str, world.place()), "demo"]
    program = TerminalProgram([sys.executable, "-m", "clearway", *line], os.environ)
    try:
        assert program.finish() == 2, program.shown
    finally:
        program.close()
    assert "there is nobody to ask" in program.shown
    assert world.versions() == {"demo": "1.0"}


def test_ctrl_c_ends_a_command(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    started = world.index.serve("/started", b"")
    text = f"""
import os, time, urllib.request
urllib.request.urlopen(f"{started}?{{os.getpid()}}").close()
time.sleep(600)
"""
    user_file(world, table(world.index.url, f"credential-helper = {command(world, 'slow', text)}"), monkeypatch)
    process = world.start_install("demo")
    (seen,) = world.index.wait_for(path="/started")
    process.send_signal(signal.SIGINT)
    assert world.finish(process).status == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int(seen.query), 0)


# -- certificates ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not certificates.AVAILABLE, reason="there is no openssl to make certificates with")
@pytest.mark.parametrize("by", ["table", "flag"])
def test_a_client_certificate(world: World, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    folder = world.root / "given-certificates"
    folder.mkdir()
    certificates.make_authority(folder)
    certificates.make_client(folder, "client")
    (folder / "both.pem").write_bytes((folder / "client.pem").read_bytes() + (folder / "client.key").read_bytes())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.pem"))
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    with IndexSimulator(context) as guarded:
        guarded.add(make_wheel("corp", "1.0"))
        lines = ['client-cert = "given-certificates/client.pem"', 'client-key = "given-certificates/client.key"']
        user_file(world, table(guarded.url, *(lines if by == "table" else [])), monkeypatch)
        trusting = ["--cert", folder / "ca.pem", "--retries", "0"]
        if by == "flag":
            check_failure(install(world, "corp", *trusting), 3)
            trusting += ["--client-cert", folder / "both.pem"]
        done = install(world, "corp", *trusting)
        assert done.status == 0, done.text
    missing = install(world, "other", "--client-cert", "nothing.pem")
    check_failure(missing, 2, ["nothing.pem cannot be read"])


# -- what it costs -----------------------------------------------------------------------------------------------------


def test_what_is_not_needed_is_not_loaded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    corp, _ = private(world)
    line = ("install", *world.place(), "--index-url", corp.url_for("zoe"), "--dry-run", "corp")
    imported, _ = modules_of(*line)
    assert "clearway.secrets.sources" in imported
    rare = {"commands", "answers", "variables", "keyrings"}
    assert {f"clearway.secrets.{name}" for name in rare} & imported == set()
    assert {"getpass", "netrc", "shlex"} & imported == set()
    world.installed("corp", index=corp.url_for("zoe"))
    satisfied, _ = modules_of("install", *world.place(), "--index-url", corp.url_for("zoe"), "corp")
    assert not any(name.startswith("clearway.secrets") for name in satisfied)
