"""Where an installation goes: the folders that follow, what is still seen, and who else has a say in them."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from clearway.errors import TargetError
from clearway.interpreter.places import in_folder, in_prefix, in_root, in_user, is_writable, place
from clearway.model.targets import Environment, Scheme
from interpreter.fakes import posix

pytestmark = posix

ENVIRONMENT = Environment(
    executable="/env/bin/python",
    prefix="/env",
    base_prefix="/usr",
    markers={"python_full_version": "3.12.4"},
    tags=("py3-none-any",),
    scheme=Scheme("/env/lib", "/env/lib64", "/env/bin", "/env/include", "/env"),
    search=("/env/lib", "/env/lib64"),
    stdlib="/usr/lib/python3.12",
    externally_managed="No.",
    user=Scheme("/home/me/lib", "/home/me/lib", "/home/me/bin", "/home/me/include", "/home/me"),
    below_prefix=Scheme("lib/site", "lib64/site", "bin", "include/python3.12", ""),
    below_home=Scheme("lib/python", "lib/python", "bin", "include/python", ""),
)
DEBIAN = msgspec.structs.replace(
    ENVIRONMENT,
    below_prefix=Scheme(
        "local/lib/dist-packages", "local/lib/dist-packages", "local/bin", "include/python3.11", "local"
    ),
)
WINDOWS = msgspec.structs.replace(
    ENVIRONMENT, below_home=Scheme("Lib/site-packages", "Lib/site-packages", "Scripts", "Include", "")
)


def test_everything_goes_below_a_plain_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    target = in_folder(ENVIRONMENT, "packages")
    root = str(tmp_path / "packages")
    assert target.scheme == Scheme(root, root, f"{root}/bin", f"{root}/include/python", root)
    assert target.search == (root,)
    assert target.externally_managed is None


def test_commands_in_a_plain_folder_are_where_the_interpreter_has_them() -> None:
    assert in_folder(WINDOWS, "/there").scheme.scripts == "/there/Scripts"


def test_a_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = in_prefix(ENVIRONMENT, "out/../out")
    root = str(tmp_path / "out")
    assert found.scheme == Scheme(
        f"{root}/lib/site", f"{root}/lib64/site", f"{root}/bin", f"{root}/include/python3.12", root
    )
    assert found.search == (f"{root}/lib/site", f"{root}/lib64/site", "/env/lib", "/env/lib64")
    assert found.externally_managed is None


def test_a_prefix_for_debian_has_its_local_folder_too() -> None:
    found = in_prefix(DEBIAN, "/out").scheme
    assert (found.purelib, found.data, found.headers) == (
        "/out/local/lib/dist-packages",
        "/out/local",
        "/out/include/python3.11",
    )


def test_another_root() -> None:
    found = in_root(ENVIRONMENT, "/stage")
    assert found.scheme == Scheme(
        "/stage/env/lib", "/stage/env/lib64", "/stage/env/bin", "/stage/env/include", "/stage/env"
    )
    assert found.search == ("/stage/env/lib", "/stage/env/lib64", "/env/lib", "/env/lib64")
    assert found.externally_managed is None


def test_the_users_folder_is_managed_by_whoever_manages_the_environment() -> None:
    """As with pip: PEP 668 speaks of whatever the interpreter imports by default."""
    found = in_user(ENVIRONMENT)
    assert found.scheme is ENVIRONMENT.user
    assert found.externally_managed == "No."


def test_the_users_folder_is_searched_even_where_the_interpreter_does_not() -> None:
    assert in_user(ENVIRONMENT).search == ("/home/me/lib", "/env/lib", "/env/lib64")
    enabled = msgspec.structs.replace(ENVIRONMENT, user_enabled=True, search=("/env/lib", "/home/me/lib"))
    assert in_user(enabled).search == ("/env/lib", "/home/me/lib")


def test_no_folder_of_the_user() -> None:
    with pytest.raises(TargetError) as caught:
        in_user(msgspec.structs.replace(ENVIRONMENT, user=None))
    assert caught.value.code == "no-user-site"


def test_combinations() -> None:
    assert place(ENVIRONMENT) is ENVIRONMENT
    assert place(ENVIRONMENT, target="/t").scheme.data == "/t"
    assert place(ENVIRONMENT, prefix="/usr", root="/stage").scheme.data == "/stage/usr"
    assert place(ENVIRONMENT, user=True, root="/stage").scheme.data == "/stage/home/me"


@pytest.mark.parametrize("options", [{"target": "/t"}, {"prefix": "/p"}, {"root": "/r"}, {"user": True}])
def test_the_interpreter_stays(options: dict[str, str]) -> None:
    found = place(ENVIRONMENT, **options)  # type: ignore[arg-type]
    assert (found.executable, found.markers, found.tags) == (
        ENVIRONMENT.executable,
        ENVIRONMENT.markers,
        ENVIRONMENT.tags,
    )


def test_folders_that_are_not_there_yet_are_as_writable_as_those_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = str(tmp_path / "system")
    os.mkdir(refused)
    monkeypatch.setattr(os, "access", lambda path, mode: path != refused)

    def scheme(purelib: str, platlib: str) -> Scheme:
        return Scheme(str(tmp_path / purelib), str(tmp_path / platlib), "", "", "")

    assert is_writable(scheme("mine/lib", "mine/lib"))
    assert not is_writable(scheme("system/lib/site", "system/lib/site"))
    assert not is_writable(scheme("mine", "system"))
