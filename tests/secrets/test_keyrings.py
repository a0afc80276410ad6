"""Keyrings: a package and a command, both run for real."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from clearway.model.secrets import Credential, Secret
from clearway.secrets.keyrings import Keyring
from support.keyrings import FakeKeyring

if TYPE_CHECKING:
    from pathlib import Path

    from clearway.secrets.keyrings import Provider

URL = "https://packages.example.com:8443/corp/simple/"
HOST = "packages.example.com:8443"
HOSTILE = "pä s$(id)'\"\\n%"


@pytest.fixture
def fake(tmp_path: Path) -> FakeKeyring:
    return FakeKeyring(tmp_path)


@pytest.fixture(params=["import", "subprocess"])
def provider(request: pytest.FixtureRequest, fake: FakeKeyring, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """A provider whose keyring is there, while the other one's is not."""
    if request.param == "import":
        monkeypatch.setenv("PYTHONPATH", str(fake.modules))
        monkeypatch.syspath_prepend(fake.modules)
    else:
        monkeypatch.setenv("PATH", f"{fake.commands}{os.pathsep}{os.environ['PATH']}")
    chosen: Provider = request.param
    return chosen


def _find(keyring: Keyring, username: str = "") -> Credential | None:
    return keyring.find(URL, username)


def test_the_url_before_the_host(fake: FakeKeyring, provider: Provider) -> None:
    keyring = Keyring(provider, os.environ, pytest.fail)
    assert _find(keyring) is None
    assert fake.asked == [(URL, None), (HOST, None)]
    fake.keep(HOST, "ann", "host")
    assert _find(keyring) == Credential("ann", Secret("host"), "")
    fake.keep(URL, "bob", HOSTILE)
    assert _find(keyring) == Credential("bob", Secret(HOSTILE), "")
    assert fake.asked[-1] == (URL, None)


def test_for_a_user_who_is_known(fake: FakeKeyring, provider: Provider) -> None:
    keyring = Keyring(provider, os.environ, pytest.fail)
    fake.keep(URL, "ann", "a")
    fake.keep(URL, "bob", "b")
    assert _find(keyring, "bob") == Credential("bob", Secret("b"), "")
    assert _find(keyring, "eve") is None
    assert fake.asked[1:] == [(URL, "eve"), (HOST, "eve")]


def test_what_is_saved_is_found(fake: FakeKeyring, provider: Provider) -> None:
    keyring = Keyring(provider, os.environ, pytest.fail)
    keyring.save(URL, "ann", Secret(HOSTILE))
    assert fake.kept == {URL: {"ann": HOSTILE}}
    assert _find(keyring) == Credential("ann", Secret(HOSTILE), "")
    assert all(HOSTILE not in " ".join(words) for words in fake.words)


def test_one_that_is_broken_is_asked_once(fake: FakeKeyring, provider: Provider) -> None:
    fake.break_it("locked")
    warnings: list[str] = []
    keyring = Keyring(provider, os.environ, warnings.append)
    assert _find(keyring) is None
    assert _find(keyring) is None
    assert len(fake.asked) == 1
    assert warnings == ["The keyring is not asked any more: it failed: RuntimeError: locked"]


def test_auto_takes_what_is_there(fake: FakeKeyring, provider: Provider) -> None:
    fake.keep(URL, "ann", "a")
    keyring = Keyring("auto", os.environ, pytest.fail)
    assert _find(keyring) is not None
    assert bool(fake.words) == (provider == "subprocess")
    assert keyring.name == (
        f"the keyring command {fake.commands}/keyring" if provider == "subprocess" else "the keyring package"
    )


def test_auto_prefers_the_package(fake: FakeKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{fake.commands}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(fake.modules))
    monkeypatch.syspath_prepend(fake.modules)
    Keyring("auto", os.environ, pytest.fail).find(URL)
    assert fake.asked != []
    assert fake.words == []


@pytest.mark.parametrize("provider", ["auto", "disabled", "import", "subprocess"])
def test_without_any(provider: Provider, tmp_path: Path) -> None:
    warnings: list[str] = []
    keyring = Keyring(provider, {"PATH": str(tmp_path)}, warnings.append)
    assert _find(keyring) is None
    assert keyring.name == ""
    assert len(warnings) == (provider in {"import", "subprocess"})


def test_a_program_in_the_current_folder_is_no_keyring(fake: FakeKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, folder in ((".", fake.commands), ("", fake.commands), (str(fake.commands), fake.commands)):
        monkeypatch.chdir(folder)
        assert Keyring("auto", {"PATH": path}, pytest.fail).find(URL) is None
    monkeypatch.chdir(fake.modules)
    monkeypatch.syspath_prepend("")
    keyring = Keyring("auto", {"PATH": os.defpath}, lambda _: None)
    assert keyring.find(URL) is None
    assert fake.asked == []
