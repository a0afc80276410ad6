"""Where releases come from: indexes and their order, credentials, links, folders, configuration of pip."""

from __future__ import annotations

import base64
import shutil
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import check_failure
from support.simulator import redirect
from support.wheels import Wheel, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from end_to_end.world import World
    from support.simulator import Repository, Seen


def user_of(seen: Seen) -> str:
    """Return user name and password that a request carried; empty for none."""
    kind, _, pair = seen.headers.get("authorization", "").partition(" ")
    return base64.b64decode(pair).decode() if kind == "Basic" else ""


def users_by_repository(world: World) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for seen in world.index.seen():
        found.setdefault(seen.repository, set()).add(user_of(seen))
    return found


# -- pages -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("formats", [("json",), ("html",), ("html", "json")], ids="+".join)
@pytest.mark.parametrize("absolute", [True, False], ids=["absolute", "relative"])
def test_kinds_of_pages(world: World, formats: tuple[str, ...], absolute: bool) -> None:
    index = world.index.repository("one", formats=formats, absolute_links=absolute)
    index.add(make_wheel("demo", "1.0", requires=["dep"]))
    index.add(make_wheel("demo", "2.0", requires_python=">=3.99"))
    index.add(make_wheel("demo", "3.0"), yanked="broken")
    index.add(make_wheel("dep", "1.0"))
    world.installed("demo", index=index.url)
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}
    world.installed("demo==3.0", index=index.url)
    assert world.versions()["demo"] == "3.0"


def test_a_yanked_release_is_warned_of(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"), yanked="it deletes files")
    assert world.installed("demo==1.0").warnings == ["demo 1.0 is yanked: it deletes files."]


def test_an_index_without_slash_and_one_that_redirects(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.index.on(redirect(f"{world.index.url}demo/", 301), path="/old/demo/")
    world.installed("demo", index=f"{world.index.host}/old")
    assert world.versions() == {"demo": "1.0"}


def folder_index(world: World, *wheels: Wheel) -> Path:
    """Write an index of files: a folder of folders with an index.html each."""
    root = world.root / "given index"
    for wheel in wheels:
        folder = root / wheel.name
        folder.mkdir(parents=True, exist_ok=True)
        wheel.write(folder)
        with (folder / "index.html").open("a") as page:
            page.write(f'<a href="{wheel.filename}#sha256={wheel.sha256}">{wheel.filename}</a>\n')
    return root


@pytest.mark.parametrize("kind", ["URL", "absolute path", "relative path"])
def test_an_index_of_files(world: World, kind: str) -> None:
    root = folder_index(world, make_wheel("demo", "1.0", requires=["dep"]), make_wheel("dep", "1.0"))
    spelled = {"URL": root.as_uri(), "absolute path": str(root), "relative path": f"./{root.name}"}[kind]
    world.installed("demo", index=spelled)
    assert world.versions() == {"demo": "1.0", "dep": "1.0"}
    assert not (world.site / "demo-1.0.dist-info" / "direct_url.json").exists()


# -- order -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(world: World) -> tuple[Repository, Repository, Repository]:
    """Three indexes: the first has old releases, the second newer ones, the default the newest and all others."""
    first, second = world.index.repository("first"), world.index.repository("second")
    first.add(make_wheel("demo", "1.0", requires=["dep", "only"]))
    second.add(make_wheel("demo", "2.0", requires=["dep", "only"]))
    second.add(make_wheel("dep", "1.0"))
    world.index.add(make_wheel("demo", "3.0", requires=["dep", "only"]))
    world.index.add(make_wheel("dep", "3.0"))
    world.index.add(make_wheel("only", "1.0"))
    return first, second, world.index.default


def test_the_first_index_that_has_a_project_owns_it(
    world: World, three: tuple[Repository, Repository, Repository]
) -> None:
    first, second, _ = three
    world.installed("demo", "--extra-index-url", first.url, "--extra-index-url", second.url)
    assert world.versions() == {"demo": "1.0", "dep": "1.0", "only": "1.0"}
    assert world.index.seen(project="demo", repository="second") == []
    world.fails(1, "demo>=2", "--extra-index-url", first.url, says=["demo>=2"])


def test_all_indexes_merged(world: World, three: tuple[Repository, Repository, Repository]) -> None:
    first, second, _ = three
    merged = ("--extra-index-url", first.url, "--extra-index-url", second.url, "--index-strategy", "unsafe-best-match")
    world.installed("demo", *merged)
    assert world.versions() == {"demo": "3.0", "dep": "3.0", "only": "1.0"}


# -- credentials -------------------------------------------------------------------------------------------------------


def test_a_credential_goes_to_its_index_alone(world: World) -> None:
    secret = world.secret()
    private = world.index.repository("private", users={"ann": secret})
    private.add(make_wheel("demo", "1.0", requires=["dep"]))
    world.index.add(make_wheel("dep", "1.0"))
    url = world.with_user(private.url, "ann", secret)
    world.installed("demo", "--extra-index-url", url, "-v", "--report", "report.json")
    assert users_by_repository(world) == {"private": {f"ann:{secret}"}, "": {""}}
    shown = world.installed("--force-reinstall", "demo", "--extra-index-url", url, "--dry-run", "--report", "-", "-vv")
    assert private.url.removesuffix("simple/") in shown.out


def test_two_indexes_on_one_host_with_one_user(world: World) -> None:
    """Two projects of one forge: one user name, two tokens."""
    secrets = {"left": world.secret(), "right": world.secret()}
    urls = []
    for name, secret in secrets.items():
        index = world.index.repository(name, users={"token": secret}, denied=404)
        index.add(make_wheel(f"{name}-project", "1.0"))
        urls += ["--extra-index-url", world.with_user(index.url, "token", secret)]
    world.installed("left-project", "right-project", *urls)
    assert {name: found - {""} for name, found in users_by_repository(world).items() if name} == {
        name: {f"token:{secret}"} for name, secret in secrets.items()
    }
    assert all(seen.status == 200 for seen in world.index.seen(stage="file"))


def test_a_token_without_user_name(world: World) -> None:
    secret = world.secret()
    private = world.index.repository("private", users={secret: ""})
    private.add(make_wheel("demo", "1.0"))
    world.installed(
        "demo", index=private.url.replace("://", f"://{private.url_for(secret).split('//')[1].split(':')[0]}@")
    )


def test_files_on_another_host_get_no_credential(world: World) -> None:
    secret = world.secret()
    private = world.index.repository("private", users={"ann": secret})
    wheel = make_wheel("demo", "1.0")
    url = world.index.serve(f"/elsewhere/{wheel.filename}", wheel.content).replace("127.0.0.1", "localhost")
    private.add(wheel, entry={"url": url}, sidecar=False)
    world.installed("demo", index=world.with_user(private.url, "ann", secret))
    assert {user_of(seen) for seen in world.index.seen(stage="page")} == {""}


def test_a_redirect_to_another_host_loses_the_credential(world: World) -> None:
    secret = world.secret()
    private = world.index.repository("private", users={"ann": secret})
    wheel = make_wheel("demo", "1.0")
    private.add(wheel)
    url = world.index.serve(f"/elsewhere/{wheel.filename}", wheel.content).replace("127.0.0.1", "localhost")
    world.index.on(redirect(url), stage="file")
    world.installed("demo", index=world.with_user(private.url, "ann", secret))
    assert {user_of(seen) for seen in world.index.seen(stage="page")} == {""}


def test_what_one_credential_was_shown_is_not_shown_to_another(world: World) -> None:
    """The cache keeps listings by index and credential."""
    secret = world.secret()
    private = world.index.repository("private", users={"ann": secret})
    private.add(make_wheel("demo", "1.0"))
    world.installed("demo", "--dry-run", index=world.with_user(private.url, "ann", secret))
    world.fails(3, "demo", "--dry-run", index=private.url, says=["no credential was given"])
    world.fails(
        3, "demo", "--dry-run", index=world.with_user(private.url, "ann", world.secret()), says=["not accepted"]
    )


# -- links -------------------------------------------------------------------------------------------------------------


def test_a_folder_of_links_joins_the_index(world: World) -> None:
    folder = world.root / "given"
    folder.mkdir()
    make_wheel("demo", "2.0", requires=["dep"]).write(folder)
    make_wheel("unrelated", "1.0").write(folder)
    (folder / "notes.txt").write_text("not a wheel")
    world.index.add(make_wheel("demo", "1.0"))
    world.index.add(make_wheel("dep", "1.0"))
    world.installed("demo", "--find-links", "given")
    assert world.versions() == {"demo": "2.0", "dep": "1.0"}


def test_nothing_but_links(world: World) -> None:
    folder = world.root / "given"
    folder.mkdir()
    make_wheel("demo", "2.0").write(folder)
    world.index.add(make_wheel("demo", "3.0"))
    world.index.add(make_wheel("other", "3.0"))
    world.installed("demo", "--no-index", "--find-links", folder.as_uri())
    world.fails(1, "other", "--no-index", "--find-links", "given", says=["other"])
    assert world.index.seen() == []


def test_a_page_of_links_with_a_credential(world: World) -> None:
    """It goes to the page and to the files of its origin, as with an index."""
    secret = world.secret()
    wheel = make_wheel("demo", "1.0")
    anchor = f'<a href="{wheel.filename}#sha256={wheel.sha256}">demo</a>'
    world.index.serve("/links/page.html", anchor.encode(), "text/html")
    world.index.serve(f"/links/{wheel.filename}", wheel.content)
    page = world.with_user(f"{world.index.host}/links/page.html", "ann", secret)
    world.installed("demo", "--no-index", "--find-links", page)
    assert [user_of(seen) for seen in world.index.seen()] == [f"ann:{secret}"] * 2


# -- configuration -----------------------------------------------------------------------------------------------------


def test_variables_of_pip(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = world.secret()
    private = world.index.repository("private", users={"ann": secret})
    private.add(make_wheel("demo", "1.0rc1"))
    world.index.add(make_wheel("other", "1.0"))
    monkeypatch.setenv("PIP_INDEX_URL", world.with_user(private.url, "ann", secret))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", world.index.url)
    monkeypatch.setenv("PIP_PRE", "1")
    result = world.clearway("install", *world.place(), "demo", "other")
    assert result.status == 0, result.text
    assert world.versions() == {"demo": "1.0rc1", "other": "1.0"}


def test_configuration_of_pip_in_the_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = world.secret()
    private = world.index.repository("private", users={"ann": secret})
    private.add(make_wheel("demo", "1.0"))
    monkeypatch.delenv("PIP_INDEX_URL")
    configuration = world.root / "given.conf"
    configuration.write_text(f"[global]\nindex-url = {world.with_user(private.url, 'ann', secret)}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    result = world.clearway("install", *world.place(), "demo")
    assert result.status == 0, result.text
    shutil.move(configuration, world.env / "pip.conf")
    monkeypatch.delenv("PIP_CONFIG_FILE")
    result = world.clearway("install", *world.place(), "--force-reinstall", "demo")
    (world.env / "pip.conf").unlink()
    assert result.status == 0, result.text


def test_a_malformed_configuration_names_its_line(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = world.root / "given.conf"
    configuration.write_text("[global]\nindex-url\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    failure = world.clearway("install", *world.place(), "demo")
    check_failure(failure, 2, [str(configuration), "line 2"])
