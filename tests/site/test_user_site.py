"""The interpreter of a system and its user's folder as one site."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec
import pytest

from clearway.errors import TargetError
from clearway.model.targets import Environment, Scheme
from clearway.ports import Change
from clearway.site.user_site import WithUserSite
from support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site.conftest import Bench

    from clearway.model.installed import Installed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the environment of these tests is one of POSIX")

OLD, NEW = make_wheel("demo", "1.0"), make_wheel("demo", "2.0")


@pytest.fixture
def home(bench: Bench) -> Path:
    """The user's folder, with an old release in it."""
    bench.opened(user_environment(bench)).apply(bench.change(OLD))
    return bench.root / "home"


def user_environment(bench: Bench) -> Environment:
    base = str(bench.root / "home")
    scheme = Scheme(f"{base}/lib", f"{base}/lib", f"{base}/bin", f"{base}/include", base)
    return msgspec.structs.replace(bench.environment, scheme=scheme)


def site_of(bench: Bench) -> WithUserSite:
    environment = user_environment(bench)
    return WithUserSite(bench.opened(), bench.opened(environment), environment)


def theirs(bench: Bench, home: Path) -> Installed:
    info = str(home / "lib" / "demo-1.0.dist-info")
    one = bench.installed("demo-1.0.dist-info")
    return msgspec.structs.replace(one, location=str(home / "lib"), info=info)


def test_what_is_installed_for_all_takes_the_users_copy_away(bench: Bench, home: Path) -> None:
    site_of(bench).apply(Change((theirs(bench, home),), bench.change(NEW).install))
    assert (bench.site / "demo-2.0.dist-info").is_dir()
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert bench.warnings == []


def test_the_users_copy_is_removed_without_a_look_at_the_rest(bench: Bench, home: Path) -> None:
    """The folders of the system may not be writable at all."""
    bench.site.rmdir()
    site_of(bench).apply(Change((theirs(bench, home),), ()))
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert not bench.site.exists()


def test_the_users_copy_stays_where_the_change_before_fails(bench: Bench, home: Path) -> None:
    (bench.site / "demo").write_text("in the way of a folder")
    with pytest.raises(TargetError):
        site_of(bench).apply(Change((theirs(bench, home),), bench.change(NEW).install))
    assert (home / "lib" / "demo-1.0.dist-info" / "RECORD").is_file()
    assert list(bench.site.glob("*.dist-info")) == []


def test_nothing_to_recover(bench: Bench, home: Path) -> None:
    assert site_of(bench).recover() == ""
