"""What people get wrong: requirements that nothing satisfies, texts that are none, options that do not fit."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from support.simulator import Answer
from support.sources import toy_sdist
from support.wheels import make_sdist, make_wheel

if TYPE_CHECKING:
    from end_to_end.world import World


# -- nothing satisfies it ----------------------------------------------------------------------------------------------


def test_an_unknown_project(world: World) -> None:
    world.fails(1, "nowhere", says=["nowhere"])


def test_an_unknown_dependency(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0", requires=["nowhere>=3"]))
    world.fails(1, "demo", says=["demo", "nowhere>=3"])


def test_a_version_that_is_not_there(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.fails(1, "demo>=2", says=["demo>=2"])


def test_two_requirements_that_contradict_each_other(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.index.add(make_wheel("demo", "2.0"))
    world.fails(1, "demo==1.0", "demo==2.0", says=["demo==1.0", "demo==2.0"])


def test_dependencies_that_contradict_each_other(world: World) -> None:
    world.index.add(make_wheel("left", "1.0", requires=["shared<2"]))
    world.index.add(make_wheel("right", "1.0", requires=["shared>=2"]))
    world.index.add(make_wheel("shared", "1.0"))
    world.index.add(make_wheel("shared", "2.0"))
    world.fails(1, "left", "right", says=["left", "right", "shared<2", "shared>=2"])


def test_a_constraint_that_leaves_nothing(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    (world.root / "constraints.txt").write_text("demo<1\n")
    world.fails(1, "demo", "-c", "constraints.txt", says=["demo<1"])


@pytest.mark.parametrize("listed", [True, False], ids=["listed", "unlisted"])
def test_a_python_that_is_too_old(world: World, listed: bool) -> None:
    """Whether the listing says so or the metadata alone."""
    wheel = make_wheel("demo", "1.0", requires_python=">=3.99")
    world.index.add(wheel, entry=None if listed else {"requires-python": None})
    world.fails(1, "demo", says=["demo", ">=3.99", f"{sys.version_info[0]}.{sys.version_info[1]}"])


def test_no_wheel_for_this_platform(world: World) -> None:
    """The message says for which platforms there are wheels, and for which there should be one."""
    world.index.add(make_wheel("demo", "1.0", tags="cp39-cp39-win_amd64"))
    world.index.add(make_wheel("demo", "1.0", tags="cp39-cp39-macosx_11_0_arm64"))
    world.fails(1, "demo", says=["win_amd64", "macosx_11_0_arm64"])


def test_nothing_but_source(world: World) -> None:
    world.index.add(make_sdist("demo", "1.0"))
    world.fails(1, "demo", "--only-binary", ":all:", says=["demo", "source"])


@pytest.mark.parametrize("status", [403, 404])
def test_a_file_that_is_not_handed_out(world: World, status: int) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.index.on(Answer(status), stage="file")
    world.fails(1, "demo", says=["demo", str(status)])


def test_a_requirement_in_metadata_that_nobody_can_read(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0", requires=["dep>>1"]))
    world.fails(1, "demo", says=["demo", "dep>>1"])


# -- texts that are none -----------------------------------------------------------------------------------------------

MALFORMED = {
    "one equals sign": ("demo=1", "'demo=1' is not a requirement"),
    "no version": ("demo>=", "'demo>=' is not a requirement"),
    "no URL": ("demo @ ", "'demo @' is not a requirement"),
    "open bracket": ("demo[extra", "'demo[extra' is not a requirement"),
    "no marker": ("demo; sometimes", "'demo; sometimes' is not a requirement"),
    "no name": ("!!", "'!!' is not a requirement"),
    "empty": ("", "is not a requirement"),
    "no source tree": (".", "The folder . is not a project"),
    "version control": ("hg+https://example.com/demo", "git is the only one that is supported"),
    "git's own spelling": ("git@example.com:demo.git", "git's own spelling"),
    "absent source archive": ("./demo-1.0.tar.gz", "There is no file"),
    "absent folder": ("./demo", "There is no folder or file"),
    "not a wheel's name": ("./demo.whl", "not named as a wheel is"),
    "absent wheel": ("./demo-1.0-py3-none-any.whl", "There is no file"),
    "absent wheel by URL": ("demo @ file:///absent/demo-1.0-py3-none-any.whl", "/absent/demo-1.0-py3-none-any.whl"),
    "wheel of elsewhere": ("demo @ file:///x/demo-1.0-cp39-cp39-win_amd64.whl", "win_amd64"),
    "control characters": ("demo\x1b[31m", "is not a requirement"),
}


@pytest.mark.parametrize(("text", "words"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_requirement(world: World, text: str, words: str) -> None:
    failure = world.fails(2, text, says=[words])
    assert "\x1b" not in failure.text
    assert world.index.seen() == []


def test_a_wheel_of_another_project(world: World) -> None:
    wheel = make_wheel("other", "1.0").write(world.root)
    world.fails(2, f"demo @ {wheel.as_uri()}", says=["other", "demo"])


FILES = {
    "malformed requirement": ("one\n\ndemo=1\n", "-r given.txt, line 3"),
    "unknown option": ("--frobnicate\n", "-r given.txt, line 1"),
    "option beside a requirement": ("demo --pre\n", "-r given.txt, line 1"),
    "trusted host": ("--trusted-host example.com\n", "which hosts are trusted"),
    "no value": ("--index-url\n", "-r given.txt, line 1"),
    "weak hash": ("demo==1.0 --hash=md5:d41d8cd98f00b204e9800998ecf8427e\n", "-r given.txt, line 1"),
    "short hash": ("demo==1.0 --hash=sha256:abc\n", "-r given.txt, line 1"),
    "itself": ("-r given.txt\n", "is included by itself"),
    "absent file": ("-r absent.txt\n", "-r absent.txt cannot be read"),
    "editable": ("-e .\n", "The folder . is not a project"),
    "editable name": ("-e demo\n", "cannot be installed in editable mode (-r given.txt, line 1)"),
    "binary": ("\0\1\2", "-r given.txt is not text"),
    "open quote": ("--index-url 'http://example.com\n", "-r given.txt, line 1"),
}


@pytest.mark.parametrize(("content", "words"), FILES.values(), ids=FILES)
def test_a_malformed_requirement_file(world: World, content: str, words: str) -> None:
    (world.root / "given.txt").write_text(content)
    world.fails(2, "-r", "given.txt", says=[words])
    assert world.index.seen() == []


def test_a_requirement_file_that_is_no_text(world: World) -> None:
    (world.root / "given.txt").write_bytes(b"\xff\xfe\x00\xd8\x00")
    world.fails(2, "-r", "given.txt", says=["given.txt cannot be read as text"])


def test_a_remote_requirement_file_that_is_not_there(world: World) -> None:
    world.fails(3, "-r", f"{world.index.host}/absent.txt", says=["/absent.txt", "404"])


def test_a_constraint_with_an_extra(world: World) -> None:
    (world.root / "given.txt").write_text("demo[extra]<2\n")
    world.fails(2, "demo", "-c", "given.txt", says=["demo[extra]<2", "-c given.txt, line 1"])


@pytest.mark.parametrize("requirement", ["demo", "demo>=1", "demo==1.*"])
def test_hashes_are_for_pins(world: World, requirement: str) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    (world.root / "given.txt").write_text(f"{requirement} --hash=sha256:{'0' * 64}\n")
    world.fails(2, "-r", "given.txt", says=["is not pinned"])


def test_hashes_are_for_everything(world: World) -> None:
    wheel = make_wheel("demo", "1.0", requires=["dep"])
    world.index.add(wheel)
    world.index.add(make_wheel("dep", "1.0"))
    world.fails(2, "--require-hashes", "demo==1.0", says=["demo==1.0", "no hash"])
    (world.root / "given.txt").write_text(f"demo==1.0 --hash=sha256:{wheel.sha256}\n")
    world.fails(2, "-r", "given.txt", says=["dep", "no hash"])
    (world.root / "limits.txt").write_text("dep==1.0\n")
    world.fails(2, "-r", "given.txt", "-c", "limits.txt", says=["dep==1.0", "no hash"])


def test_the_hash_of_a_url_is_one_that_is_checked(world: World) -> None:
    wheel = make_wheel("demo", "1.0")
    url = world.index.serve(f"/{wheel.filename}", wheel.content)
    for fragment in ("#shape", "#sha256", "#sha256=", "#sha3=00", f"#sha1={'0' * 40}"):
        world.fails(2, "--require-hashes", f"demo @ {url}{fragment}", says=["no hash"])
    world.installed("--require-hashes", f"demo @ {url}#egg=demo&sha256={wheel.sha256}")


def test_a_hash_for_what_a_build_needs_holds_for_what_is_remembered(yard: World) -> None:
    """Both the environment that was resolved before, and the wheel that was built in it, were made without the hash."""
    yard.index.add(make_wheel("helper", "1.0"))
    for name in ("demo", "other"):
        yard.index.add(toy_sdist(name, "1.0", build_requires=["toy", "helper"]))
    limits = yard.root / "limits.txt"
    limits.write_text("helper==1.0\n")
    yard.installed("--build-constraint", limits, "demo")
    limits.write_text(f"helper==1.0 --hash=sha256:{'0' * 64}\n")
    for name in ("demo", "other"):
        yard.fails(1, "--force-reinstall", "--build-constraint", limits, name, says=["none of its files has a hash"])


# -- options -----------------------------------------------------------------------------------------------------------

OPTIONS = {
    "unknown option": (2, ["--frobnicate", "demo"], "--frobnicate"),
    "no value": (2, ["demo", "--python"], "--python"),
    "not a number": (2, ["demo", "--timeout", "soon"], "--timeout"),
    "not whole": (2, ["demo", "--retries", "-1"], "--retries"),
    "not a choice": (2, ["demo", "--link-mode", "wish"], "auto, clone, hardlink, symlink, copy"),
    "nothing": (2, [], "Nothing was named to install"),
    "no interpreter": (5, ["demo", "--python", "9.9"], "python9.9"),
    "no folder": (5, ["demo", "--python", "./absent"], "./absent"),
    "no Python": (5, ["demo", "--python", "/etc/passwd"], "/etc/passwd cannot be used"),
    "no index": (2, ["demo", "--index-url", "corp"], "'corp' from --index-url"),
    "odd scheme": (2, ["demo", "--index-url", "ftp://example.com/"], "ftp is none of http, https and file"),
    "odd port": (2, ["demo", "--index-url", "http://example.com:99999/"], "host or port"),
    "no certificates": (2, ["demo", "--cert", "absent.pem"], "absent.pem"),
    "not certificates": (2, ["demo", "--cert", __file__], "no PEM certificate"),
    "no links": (2, ["demo", "--no-index", "--find-links", "./absent"], "absent"),
}


@pytest.mark.parametrize(("status", "arguments", "words"), OPTIONS.values(), ids=OPTIONS)
def test_a_malformed_option(world: World, status: int, arguments: list[str], words: str) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.fails(status, *arguments, says=[words])


def test_a_malformed_variable_names_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_TIMEOUT", "soon")
    failure = world.install("demo")
    assert failure.status == 2
    assert "PIP_TIMEOUT is 'soon'" in failure.error


def test_an_index_whose_password_is_not_encoded_is_not_shown(world: World) -> None:
    failure = world.install("demo", index=f"http://ann:{world.secret()} @example.com:port/simple/")
    assert failure.status == 2
    assert "****@example.com" in failure.error


def test_no_command_and_a_wrong_one(world: World) -> None:
    assert world.clearway().out.startswith("usage: clearway [OPTIONS] COMMAND")
    wrong = world.clearway("instal", "demo")
    assert wrong.status == 2
    assert "There is no command 'instal'" in wrong.error
    assert "commands: install, " in wrong.error


@pytest.mark.parametrize("arguments", [["--help"], ["help"], ["install", "-h"], ["help", "uninstall"]])
def test_help(world: World, arguments: list[str]) -> None:
    helped = world.clearway(*arguments)
    assert helped.status == 0
    assert helped.out.startswith("usage: clearway")
    assert helped.err == ""


def test_a_file_of_requirements_that_is_named_like_a_project(world: World) -> None:
    (world.root / "needs.txt").write_text("demo")
    world.fails(2, "needs.txt", says=["needs.txt is a file of requirements", "-r needs.txt"])
    assert world.index.seen() == []


def test_nothing_that_applies(world: World) -> None:
    (world.root / "empty.txt").write_text("# nothing")
    for asked in (["-r", "empty.txt"], ["demo; python_version<'3'"]):
        assert world.installed(*asked).out.startswith("Nothing to install")


def test_a_hash_of_another_file(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    world.fails(
        1,
        "-r",
        requirements(world, f"demo==1.0 --hash=sha256:{'0' * 64}"),
        says=["hash that was given", "Compare the hashes"],
    )


def requirements(world: World, *lines: str) -> str:
    (world.root / "given.txt").write_text("\n".join(lines))
    return str(world.root / "given.txt")
