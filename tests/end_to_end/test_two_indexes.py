"""Indexes side by side on one host, through the whole command line: however they are given, each gets its own.

What one index has needs what the other has. The simulator lets nobody in with the wrong password, and says who came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from end_to_end.world import check_failure
from support.routes import credential_of, sent_to
from support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from end_to_end.world import Run, World
    from support.keyrings import FakeKeyring


class Place(NamedTuple):
    """One index: its name, its URL with user info, and without, and what has to come there."""

    name: str
    url: str
    bare: str
    credential: str


Way = tuple[list[object], dict[str, str]]
"""Options and variables."""


def project(world: World) -> Path:
    """Return the folder that a test with a project's file runs in; what is given there is no leak."""
    folder = world.root / "given-project"
    folder.mkdir(exist_ok=True)
    return folder


def _flags(world: World, first: Place, last: Place) -> Way:
    return ["--extra-index-url", first.url, "--index-url", last.url], {}


def _variables(world: World, first: Place, last: Place) -> Way:
    return [], {"PIP_EXTRA_INDEX_URL": first.url, "PIP_INDEX_URL": last.url}


def _file(world: World, first: Place, last: Place) -> Way:
    lines = f"--index-url {last.url}\n--extra-index-url {first.url}\n"
    (world.root / "given.txt").write_text(lines)
    return ["-r", "given.txt"], {}


def _file_with_variables(world: World, first: Place, last: Place) -> Way:
    places = {"FIRST": first, "LAST": last}
    for name, place in places.items():
        options = f"--{'extra-' if name == 'FIRST' else ''}index-url"
        with open(world.root / "given.txt", "a") as file:
            file.write(f"{options} {place.bare.replace('://', f'://${{{name}_USER}}:${{{name}_TOKEN}}@')}\n")
    infos = {name: place.url.partition("://")[2].rpartition("@")[0].partition(":") for name, place in places.items()}
    variables = {f"{name}_USER": info[0] for name, info in infos.items()}
    return ["-r", "given.txt"], variables | {f"{name}_TOKEN": info[2] for name, info in infos.items()}


def _flag_and_variable(world: World, first: Place, last: Place) -> Way:
    return ["--index-url", last.url], {"PIP_EXTRA_INDEX_URL": first.url}


def _tables(first: Place, last: Place, prefix: str = "") -> str:
    return "\n".join(
        f'[[{prefix}index]]\nname = "{place.name}"\nurl = "{place.url}"\ndefault = {str(place is last).lower()}\n'
        for place in (first, last)
    )


def _user_file(world: World, first: Place, last: Place) -> Way:
    (world.root / "given.toml").write_text(_tables(first, last))
    return [], {"CLEARWAY_CONFIG_FILE": str(world.root / "given.toml"), "PIP_INDEX_URL": ""}


def _project_file(world: World, first: Place, last: Place) -> Way:
    (project(world) / "clearway.toml").write_text(_tables(first, last))
    return [], {"PIP_INDEX_URL": ""}


def _pyproject(world: World, first: Place, last: Place) -> Way:
    (project(world) / "pyproject.toml").write_text(_tables(first, last, "tool.clearway."))
    return [], {"PIP_INDEX_URL": ""}


def _pip_conf(world: World, first: Place, last: Place) -> Way:
    text = f"[global]\nindex-url = {last.url}\nextra-index-url =\n    {first.url}\n"
    (world.root / "given.conf").write_text(text)
    return [], {"PIP_CONFIG_FILE": str(world.root / "given.conf"), "PIP_INDEX_URL": ""}


def _names(world: World, first: Place, last: Place) -> Way:
    bare = [place._replace(url=place.bare) for place in (first, last)]
    options, variables = _user_file(world, bare[0], bare[1])
    for place in (first, last):
        username, _, password = place.credential.partition(":")
        prefix = f"CLEARWAY_INDEX_{place.name.upper()}_"
        variables |= {f"{prefix}USERNAME": username, f"{prefix}PASSWORD": password}
    return options, variables


WAYS: dict[str, Callable[[World, Place, Place], Way]] = {
    "flags": _flags,
    "variables": _variables,
    "requirement file": _file,
    "requirement file with variables": _file_with_variables,
    "flag and variable": _flag_and_variable,
    "the user's file": _user_file,
    "the project's file": _project_file,
    "pyproject.toml": _pyproject,
    "pip.conf": _pip_conf,
    "variables of the names": _names,
}


def published(world: World, name: str, user: str, needs: str = "") -> Place:
    """Publish a project of a name in an index of that name, for one user."""
    secret = world.secret()
    repository = world.index.repository(name, users={user: secret})
    repository.add(make_wheel(name, "1.0", requires=[needs] if needs else []))
    return Place(name, repository.url_for(user), repository.url, f"{user}:{secret}")


def install(world: World, *arguments: object) -> Run:
    return world.clearway("install", *world.place(), "--no-input", *arguments)


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned"])
@pytest.mark.parametrize("users", [("alice", "bob"), ("ci", "ci")], ids=["two users", "one user"])
@pytest.mark.parametrize("way", WAYS)
def test_each_gets_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch, way: str, users: tuple[str, str], *, turned: bool
) -> None:
    one, two = published(world, "one", users[0], "two"), published(world, "two", users[1])
    options, variables = WAYS[way](world, *((two, one) if turned else (one, two)))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    if way in {"the project's file", "pyproject.toml"}:
        monkeypatch.chdir(project(world))
    done = install(world, *options, "one")
    assert done.status == 0, done.text
    assert world.versions() == {"one": "1.0", "two": "1.0"}
    for place in (one, two):
        assert set(sent_to(place.name, world.index.seen())) <= {place.credential}
    assert {seen.status for seen in world.index.seen()} <= {200, 404}


def test_keyring_entries_by_url(world: World, keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host is the same: the full URL tells the two apart."""
    places = [published(world, "one", "ci", "two"), published(world, "two", "ci")]
    for place in places:
        keyring.keep(place.bare, *place.credential.split(":", 1))
    one, two = (place._replace(url=place.bare) for place in places)
    tables = _tables(one, two)
    (world.root / "given.toml").write_text(tables.replace("default =", "keyring = true\ndefault ="))
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(world.root / "given.toml"))
    monkeypatch.delenv("PIP_INDEX_URL")
    done = install(world, "--keyring-provider", "subprocess", "one")
    assert done.status == 0, done.text
    assert {seen.status for seen in world.index.seen()} <= {200, 404}


def test_netrc_fills_only_what_has_nothing_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three indexes on its host: not one with a credential, not an anonymous one."""
    one = published(world, "one", "alice")
    secret = world.secret(plain=True)
    for name in ("two", "three"):
        world.index.repository(name).add(make_wheel(name, "1.0"))
    (world.root / "given.netrc").write_text(f"machine 127.0.0.1 login zoe password {secret}\n")
    (world.root / "given.netrc").chmod(0o600)
    three = f'[[index]]\nname = "three"\nurl = "{world.index.repository("three").url}"\nanonymous = true\n'
    (world.root / "given.toml").write_text(three)
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(world.root / "given.toml"))
    monkeypatch.setenv("NETRC", str(world.root / "given.netrc"))
    two = world.index.repository("two").url
    done = install(world, "--index-url", two, "--extra-index-url", one.url, "one", "two", "three")
    assert done.status == 0, done.text
    requests = world.index.seen()
    assert sent_to("one", requests) == [one.credential]
    assert sent_to("two", requests) == [f"zoe:{secret}"]
    assert sent_to("three", requests) == [""]


def test_a_remote_requirement_file_is_an_index_of_its_own(world: World) -> None:
    """Neither does its credential go to the index that it names on its own host, nor the other way round."""
    one, open_to_all = published(world, "one", "alice"), world.index.repository("open")
    open_to_all.add(make_wheel("two", "1.0"))
    secret = world.secret(plain=True)
    lines = f"--index-url {open_to_all.url}\none\ntwo\n"
    url = world.index.serve("/lists/all.txt", lines.encode(), "text/plain")
    done = install(world, "--extra-index-url", one.url, "-r", url.replace("://", f"://ann:{secret}@"))
    assert done.status == 0, done.text
    requests = world.index.seen()
    assert sent_to("/lists/", requests) == [f"ann:{secret}"]
    assert sent_to("one", requests) == [one.credential]
    assert sent_to("open", requests) == [""]


def test_a_direct_url_is_an_index_of_its_own(world: World) -> None:
    one = published(world, "one", "alice", "two")
    wheel = make_wheel("two", "1.0")
    url = world.index.serve(f"/direct/{wheel.filename}", wheel.content)
    other = make_wheel("other", "1.0")
    secret = world.secret(plain=True)
    private = world.index.serve(f"/private/{other.filename}", other.content).replace("://", f"://eve:{secret}@")
    done = install(world, "--index-url", one.url, "one", f"two @ {url}", private)
    assert done.status == 0, done.text
    assert sent_to("/direct/", world.index.seen()) == [""]
    assert sent_to("/private/", world.index.seen()) == [f"eve:{secret}"]
    assert sent_to("one", world.index.seen()) == [one.credential]


def test_netrc_fills_a_direct_url_that_says_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = make_wheel("demo", "1.0")
    url = world.index.serve(f"/direct/{wheel.filename}", wheel.content)
    kept, said = world.secret(plain=True), world.secret(plain=True)
    path = world.root / "given.netrc"
    path.write_text(f"machine 127.0.0.1 login ned password {kept}\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    assert install(world, "--no-index", url).status == 0
    assert install(world, "--no-index", "--force-reinstall", url.replace("://", f"://eve:{said}@")).status == 0
    assert set(sent_to("/direct/", world.index.seen())) == {f"ned:{kept}", f"eve:{said}"}


def test_a_proxy_gets_its_own_credential_and_servers_do_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is reached through the proxy, its files lie on another host behind it."""
    wheel = make_wheel("demo", "1.0")
    index, files = "http://index.example.com/simple/", f"http://files.example.com/{wheel.filename}"
    world.index.serve(f"{index}demo/", f'<a href="{files}">{wheel.filename}</a>'.encode(), "text/html")
    world.index.serve(files, wheel.content)
    secret, own = world.secret(plain=True), world.secret(plain=True)
    monkeypatch.setenv("http_proxy", world.index.host.replace("://", f"://pat:{secret}@"))
    done = install(world, "--index-url", index.replace("://", f"://zoe:{own}@"), "demo")
    assert done.status == 0, done.text
    requests = world.index.seen()
    assert {seen.headers.get("proxy-authorization") for seen in requests} == {f"Basic {world.basic('pat', secret)}"}
    said = {seen.path.split("/")[2]: credential_of(seen) for seen in requests}
    assert said == {"index.example.com": f"zoe:{own}", "files.example.com": ""}


def test_no_proxy_gets_an_indexs_credential_for_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """407 is the proxy's: the index's credential is not tried on it, and it is told as what it is."""
    one = published(world, "one", "alice")
    world.index.default.users = {}
    world.index.default.missing = 407
    monkeypatch.setenv("http_proxy", world.index.host)
    failure = install(world, "--index-url", one.url.replace("127.0.0.1", "index.example.com"), "one", "--retries", "0")
    check_failure(failure, 3)
    assert not any("proxy-authorization" in seen.headers for seen in world.index.seen())


TAKING_AWAY = {
    "a claim of its own": '[[index]]\nname = "trap"\nurl = "{trap}"\npackages = ["corp-lib"]\n',
    "a claim to everything": '[[index]]\nname = "trap"\nurl = "{trap}"\npackages = ["*"]\nexplicit = true\n',
    "a claim taken back": '[[index]]\nname = "trap"\nurl = "{trap}"\n[[index]]\nname = "corp"\npackages = ["other"]\n',
    "another place": '[[index]]\nname = "corp"\nurl = "{trap}"\n',
    "another default": '[[index]]\nname = "trap"\nurl = "{trap}"\ndefault = true\n',
}


@pytest.mark.parametrize("text", TAKING_AWAY.values(), ids=TAKING_AWAY)
def test_a_project_takes_no_name_away(world: World, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A name that the user's own file claims for an index is asked there, whatever a cloned repository says."""
    corp, trap = world.index.repository("corp"), world.index.repository("trap")
    corp.add(make_wheel("corp-lib", "1.0"))
    trap.add(make_wheel("corp-lib", "9.0"))
    (world.root / "given.toml").write_text(
        f'[[index]]\nname = "corp"\nurl = "{corp.url}"\npackages = ["corp-*"]\nforwarded = "refuse"\n'
    )
    (project(world) / "clearway.toml").write_text(text.format(trap=trap.url))
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(world.root / "given.toml"))
    monkeypatch.delenv("PIP_INDEX_URL")
    monkeypatch.chdir(project(world))
    done = install(world, *([] if "default" in text else ["--index-url", world.index.url]), "corp-lib")
    if done.status:
        check_failure(done, 2, ["names another URL for an index that claims names in your own configuration"])
    assert world.versions() == ({} if done.status else {"corp_lib": "1.0"})
    assert world.index.seen(repository="trap", project="corp-lib") == []


@pytest.mark.parametrize("options", [["--extra-index-url", "{corp}"], ["--index-url", "{corp}"]], ids=" ".join)
def test_what_an_index_claims_it_claims_by_its_url_too(
    world: World, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    """A flag that spells the URL of a configured index out takes none of its rules away."""
    corp, main = world.index.repository("corp"), world.index.repository("main")
    corp.add(make_wheel("public", "1.0"))
    main.add(make_wheel("corp-lib", "9.0"))
    (world.root / "given.toml").write_text(f'[[index]]\nname = "corp"\nurl = "{corp.url}"\npackages = ["corp-*"]\n')
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(world.root / "given.toml"))
    given = [option.format(corp=corp.url) for option in options]
    order = ["--extra-index-url" if "--index-url" in given else "--index-url", main.url]
    check_failure(install(world, *given, *order, "corp-lib"), 1)
    assert world.index.seen(repository="main") == []
