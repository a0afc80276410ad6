"""``hash``, ``cache list`` and ``cache remove``, ``debug``, ``help`` and ``completion``."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from end_to_end.comparison import needs_pip, same
from end_to_end.world import check_failure
from support.wheels import make_wheel

if TYPE_CHECKING:
    from end_to_end.world import World

# -- hash --------------------------------------------------------------------------------------------------------------


def test_hashes(world: World) -> None:
    for name in ("one.whl", "two.tar.gz"):
        (world.root / name).write_bytes(name.encode())
    out = world.clearway("hash", "one.whl", "two.tar.gz").out
    one, two = (hashlib.sha256(name).hexdigest() for name in (b"one.whl", b"two.tar.gz"))
    assert out == f"one.whl:\n--hash=sha256:{one}\ntwo.tar.gz:\n--hash=sha256:{two}\n"
    digest = hashlib.sha384(b"one.whl").hexdigest()
    assert world.clearway("hash", "-a", "sha384", "one.whl").out == f"one.whl:\n--hash=sha384:{digest}\n"


@needs_pip
def test_hashes_as_pip_writes_them(world: World) -> None:
    (world.root / "one.whl").write_bytes(b"one")
    ours = world.clearway("hash", "--algorithm", "sha512", "one.whl")
    command = [sys.executable, "-m", "pip", "hash", "--algorithm", "sha512", "one.whl"]
    assert ours.out == subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_what_cannot_be_hashed(world: World) -> None:
    check_failure(world.clearway("hash"), 2, ["clearway hash FILE"])
    check_failure(world.clearway("hash", "absent"), 2, ["absent cannot be read"])
    check_failure(world.clearway("hash", world.root), 2, ["cannot be read"])
    check_failure(world.clearway("hash", "-a", "md5", "x"), 2, ["sha256"])


# -- cache -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(world: World) -> World:
    published = (("demo", "1.0"), ("demo", "1.1"), ("Demo.Other", "2.0"))
    for name, version in published:
        world.index.add(make_wheel(name, version))
    for name, version in published:
        world.installed(f"{name}=={version}")
    return world


def wheels(world: World, *line: object) -> list[str]:
    run = world.clearway("cache", "list", *line, "--cache-dir", world.cache)
    assert run.status == 0, run.text
    return [row.split()[1] for row in run.out.splitlines() if row.startswith(" - ")]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*", ["Demo_Other-2.0", "demo-1.0", "demo-1.1"]),
        ("demo", ["demo-1.0", "demo-1.1"]),
        ("demo-1.1", ["demo-1.1"]),
        ("demo-1.?", ["demo-1.0", "demo-1.1"]),
        ("d*", ["demo-1.0", "demo-1.1"]),
        ("Demo-Other", ["Demo_Other-2.0"]),
        ("demo.other", ["Demo_Other-2.0"]),
        ("dem", []),
        ("../*", []),
    ],
)
def test_wheels_of_the_cache(kept: World, pattern: str, found: list[str]) -> None:
    assert wheels(kept, pattern) == [f"{stem}-py3-none-any.whl" for stem in found]
    run = kept.clearway("cache", "remove", pattern, "--cache-dir", kept.cache)
    assert run.status == 0
    assert run.out.startswith(f"Removed {len(found)} wheel")
    assert len(run.warnings) == (not found)
    assert len(wheels(kept)) == 3 - len(found)
    kept.check_sound()


def test_the_folders_of_wheels(kept: World) -> None:
    paths = kept.clearway("cache", "list", "--format", "abspath", "demo", "--cache-dir", kept.cache).out.splitlines()
    assert len(paths) == 2
    assert all(os.path.isdir(path) for path in paths)
    assert kept.clearway("cache", "list", "--format=abspath", "x", "--cache-dir", kept.cache).out == ""


def test_what_was_removed_from_the_cache_stays_installed(kept: World) -> None:
    before = kept.snapshot()
    kept.clearway("cache", "remove", "*", "--cache-dir", kept.cache)
    assert kept.changes(before) == []
    assert kept.clearway("cache", "list", "--cache-dir", kept.cache).out == "No wheels are cached.\n"
    assert "No broken requirements" in kept.clearway("check", *kept.place()).out


def test_damaged_parts_of_the_cache_are_not_listed(kept: World) -> None:
    (tree, *_) = sorted((kept.cache / "trees-1").iterdir())
    (tree / "manifest").write_bytes(b"\xff")
    (kept.cache / "trees-1" / "stray").write_bytes(b"")
    assert len(wheels(kept)) == 2


def test_too_many_or_too_few_patterns(world: World) -> None:
    for line in (["dir", "x"], ["info", "x"], ["purge", "x"], ["list", "x", "y"], ["remove", "x", "y"], ["remove"]):
        check_failure(world.clearway("cache", *line, "--cache-dir", world.cache), 2)
    check_failure(world.clearway("cache", "frob"), 2, ["remove"])


# -- debug and help ----------------------------------------------------------------------------------------------------


def test_what_a_report_of_a_mistake_needs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = world.secret()
    monkeypatch.setenv("CLEARWAY_INDEX_URL", world.with_user(world.index.url, "me", secret))
    run = world.clearway("debug", *world.place())
    assert run.status == 0
    assert f"environment: {world.env}" in run.out
    assert "[First 10 tags shown. Pass --verbose to show all.]" in run.out
    assert "index-url is set by: CLEARWAY_INDEX_URL" not in run.out  # it takes no such option
    everything = world.clearway("debug", "-v", *world.place()).out
    assert "py3-none-any" in everything
    assert len(everything.splitlines()) > len(run.out.splitlines())


def test_help(world: World) -> None:
    overview = world.clearway("help").out
    assert overview == world.clearway("--help").out
    for command in ("list", "freeze", "show", "inspect", "hash", "index", "debug", "completion", "help"):
        assert f"\n  {command} " in overview
        assert world.clearway("help", command).out == world.clearway(command, "--help").out
    check_failure(world.clearway("help", "instal"), 2, ["'instal'", "Did you mean install?"])
    check_failure(world.clearway("frobnicate"), 2, ["clearway --help"])


# -- completion --------------------------------------------------------------------------------------------------------


def test_scripts_of_shells(world: World) -> None:
    for shell in ("bash", "zsh", "fish"):
        run = world.clearway("completion", f"--{shell}")
        assert run.status == 0
        assert "completion --" in run.out
    check_failure(world.clearway("completion"), 2, ["--bash, --zsh or --fish"])


def test_installed_names_are_completed(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.installed("demo")
    os.environ["VIRTUAL_ENV"] = str(world.env)
    try:
        assert world.clearway("completion", "--", "clearway", "show", "d").out == "demo\n"
        assert world.clearway("completion", "--", "clearway", "uninstall", "-y", "demo", "").out == ""
    finally:
        del os.environ["VIRTUAL_ENV"]


@pytest.mark.skipif(not os.path.exists("/bin/bash"), reason="there is no bash")
def test_bash_asks_and_is_told(world: World) -> None:
    script = world.root / "script"
    script.write_text(world.clearway("completion", "--bash").out)
    clearway = world.root / "clearway"
    clearway.write_text(f'#!/bin/sh\nexec {sys.executable} -m clearway "$@"\n')
    clearway.chmod(0o755)

    def completed(*words: str) -> list[str]:
        quoted = " ".join(f"'{word}'" for word in words)
        line = f'. {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _clearway_completion "{clearway}"; '
        done = subprocess.run(
            ["/bin/bash", "-c", line + 'printf "%s\\n" "${COMPREPLY[@]}"'], capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    assert completed("clearway", "ins") == ["install", "inspect"]
    assert completed("clearway", "list", "--format", "=", "j") == ["json"]
    assert completed("clearway", "install", "./") == []


@needs_pip
def test_pips_own_words_of_an_absent_package(world: World) -> None:
    assert same(world, "show", "absent") == ""
