"""``clearway config`` and what surrounds it: general options, isolation, settings that nobody understands."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from end_to_end.world import check_failure
from support.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from end_to_end.world import Run, World


@pytest.fixture(autouse=True)
def no_index_from_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL")


@pytest.fixture
def users(world: World) -> Path:
    """Where the user's file will be."""
    return world.root / "home" / ".config" / "clearway" / "clearway.toml"


def config(world: World, *words: object, status: int = 0) -> Run:
    result = world.clearway("config", *words)
    assert result.status == status, result.text
    if status == 0:
        assert "ERROR" not in result.err
    return result


# -- show and change ---------------------------------------------------------------------------------------------------


def test_what_is_set_counts_in_the_next_run(world: World, users: Path) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    said = config(world, "set", "global.index-url", world.index.url)
    assert said.out == f"Set index-url in {users}\n"
    assert users.read_text() == f'index-url = "{world.index.url}"\n'
    assert users.stat().st_mode & 0o077 == 0
    assert world.clearway("install", *world.place(), "demo").status == 0
    assert config(world, "get", "index-url").out == f"{world.index.url}\n"
    assert config(world, "list").out == f'index-url = "{world.index.url}"  # {users}, line 1\n'
    assert config(world, "unset", "index-url").out == f"Unset index-url in {users}\n"
    assert users.read_text() == ""
    assert config(world, "get", "index-url", status=1).err == "WARNING: index-url is not set.\n"


def test_the_file_that_a_variable_names_is_made(world: World, users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = world.root / "etc" / "clearway.toml"
    monkeypatch.setenv("CLEARWAY_CONFIG_FILE", str(named))
    assert world.clearway("list", *world.place()).status == 2
    before = os.umask(0o022)
    config(world, "set", "retries", "2")
    os.umask(before)
    assert named.read_text() == "retries = 2\n"
    assert named.stat().st_mode & 0o777 == 0o644
    assert not users.exists()
    assert world.clearway("list", *world.place()).status == 0


def test_a_projects_file(world: World, users: Path) -> None:
    below = world.root / "src"
    below.mkdir()
    path = world.root / "clearway.toml"
    config(world, "set", "--project", "index.corp.url", "https://packages.example.com/simple/")
    config(world, "--project", "set", "index.corp.policed", "yes")
    os.chdir(below)  # the world's monkeypatch takes it back
    config(world, "set", "retries", "2", "--project")
    assert path.read_text() == (
        'retries = 2\n\n[[index]]\nname = "corp"\nurl = "https://packages.example.com/simple/"\npoliced = true\n'
    )
    assert not users.exists()
    assert config(world, "get", "index.CORP.policed").out == "true\n"
    assert config(world, "get", "--user", "retries", status=1).out == ""
    assert config(world, "list", "--user").out == ""


def test_what_a_project_may_not_say_is_not_written(world: World) -> None:
    for name, value in (("cert", "x.pem"), ("trusted-host", "example.com"), ("index.corp.keyring", "yes")):
        result = config(world, "set", "--project", name, value, status=2)
        check_failure(result, 2, ["project's file"])
    assert not (world.root / "clearway.toml").exists()


def test_a_project_does_not_lead_the_users_index_elsewhere(world: World, users: Path) -> None:
    config(world, "set", "index.corp.url", "https://packages.example.com/simple/")
    config(world, "set", "index.corp.username", "ann")
    result = config(world, "set", "--project", "index.corp.url", "https://elsewhere.example.com/", status=2)
    check_failure(result, 2, ["names another URL for an index that has a credential"])
    assert not (world.root / "clearway.toml").exists()
    assert "elsewhere" not in users.read_text()


def test_no_password_is_written(world: World, users: Path) -> None:
    secret = world.secret()
    for name, value in (
        ("index-url", f"https://ann:{secret}@example.com/"),
        ("index.corp.password", secret),
        ("proxy", f"http://ann:{secret}@proxy.example.com:3128"),
    ):
        result = config(world, "set", name, value, status=2)
        check_failure(result, 2, ["credential"])
        assert "CLEARWAY_" in result.err
    assert not users.exists()


def test_secrets_that_are_there_are_not_shown(world: World, users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = world.secret()
    users.parent.mkdir(parents=True)
    users.write_text(f'[[index]]\nname = "corp"\nurl = "https://ann:{secret}@example.com/"\n')
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"https://{secret}@two.example.com/simple/")
    monkeypatch.setenv("CLEARWAY_INDEX_CORP_TOKEN", secret)
    monkeypatch.setenv("NETRC", "/nowhere")
    assert '"https://****@example.com/"' in config(world, "list", "-v").out
    assert '["https://****@two.example.com/simple/"]' in config(world, "list").out
    assert config(world, "get", "index.corp.url").out == "https://****@example.com/\n"
    assert config(world, "get", "extra-index-url").out == "https://****@two.example.com/simple/\n"
    assert "CLEARWAY_INDEX_CORP_TOKEN='****'" in config(world, "debug").out
    users.write_text(users.read_text().replace("ann:", "").replace(secret, "nobody"))  # the world looks for secrets


def test_what_is_overridden(world: World, users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config(world, "set", "timeout", "30")
    monkeypatch.setenv("PIP_TIMEOUT", "7")
    assert config(world, "list").out == 'timeout = "7"  # PIP_TIMEOUT\n'
    assert config(world, "-v", "list").out == (
        f'timeout = "7"  # PIP_TIMEOUT\ntimeout = "30"  # {users}, line 1 (overridden)\n'
    )
    assert config(world, "--isolated", "list").out == ""


def test_debug_tells_of_every_file(world: World, users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.env / "pip.conf").write_text("[install]\nno-binary = demo\nfrobnicate = 1\nuse-deprecated = x\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(world.root / "absent.conf"))
    monkeypatch.setenv("CLEARWAY_TIMOUT", "3")
    (world.root / "clearway.toml").write_text("retries = 0\n")
    lines = config(world, "--python", world.python, "debug").out.splitlines()
    assert lines[0] == "env_var:"
    assert "  CLEARWAY_TIMOUT='3'" in lines
    assert f"  {world.env}/pip.conf, exists: True" in lines
    assert "    install.no-binary: demo" in lines
    assert f"  {world.root}/absent.conf, exists: False" in lines
    assert f"  {users}, exists: False" in lines
    assert f"  {world.root}/clearway.toml, exists: True" in lines
    assert "    retries: 0" in lines
    assert any(line.startswith("WARNING: CLEARWAY_TIMOUT is set") for line in lines)
    assert any(line.startswith("note: ") and "frobnicate" in line for line in lines)
    assert any(line.startswith("WARNING: ") and "use-deprecated" in line for line in lines)


# -- broken files ------------------------------------------------------------------------------------------------------


def test_a_broken_file_can_be_mended(world: World, users: Path) -> None:
    users.parent.mkdir(parents=True)
    users.write_text("timout = 5\nretries = 3\n")
    assert world.clearway("list", *world.place()).status == 2
    assert "sets timout, which is no option" in config(world, "list").err
    assert "sets timout, which is no option" in config(world, "debug").out
    check_failure(config(world, "set", "timeout", "5", status=2), 2, ["sets timout"])
    config(world, "unset", "timout")
    assert users.read_text() == "retries = 3\n"
    assert world.clearway("list", *world.place()).status == 0
    users.write_text("retries = = 3\n")
    for words in (["list"], ["get", "retries"], ["set", "timeout", "5"], ["unset", "retries"]):
        check_failure(config(world, *words, status=2), 2, [f"{users}, line 1"])
    assert f"{users}, line 1" in config(world, "debug").out
    assert users.read_text() == "retries = = 3\n"


def editor(world: World, body: str) -> str:
    """Return an editor: a program that does something with a file."""
    script = world.root / "an editor.py"
    script.write_text(f"import sys\npath = sys.argv[-1]\n{body}\n")
    return f"{sys.executable} '{script}'"


def test_edit(world: World, users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No editor is known" in config(world, "edit", status=2).err
    monkeypatch.setenv("EDITOR", "false")
    monkeypatch.setenv("VISUAL", editor(world, "open(path, 'w').write('retries = 3\\n')"))
    assert config(world, "edit").out == f"{users} is in order\n"
    assert users.read_text() == "retries = 3\n"
    broken = editor(world, "open(path, 'w').write('retries = \\n')")
    check_failure(config(world, "edit", "--editor", broken, status=2), 2, [f"{users}, line 1"])
    check_failure(config(world, "edit", "--editor", "/no/such/editor", status=2), 2, ["/no/such/editor cannot be run"])
    check_failure(config(world, "edit", "--editor", "'", status=2), 2, ["cannot be split"])
    check_failure(config(world, "edit", "--editor", "false", status=2), 2, ["ended with status 1"])
    users.unlink()
    config(world, "edit", "--project", "--editor", editor(world, "open(path, 'w').write('pre = true')"))
    assert (world.root / "clearway.toml").read_text() == "pre = true"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["get"], "takes NAME, but none was given"),
        (["set", "timeout"], "takes NAME and VALUE, but 1 was given"),
        (["list", "x", "y"], "takes no arguments, but 2 were given"),
        (["set", "index.corp", "x"], "index.corp is no setting, but an index"),
        (["set", "index.corp.name", "x"], "The name of an index is not changed"),
        (["--user", "--project", "list"], "exclude each other"),
        (["set", "dry-run", "yes"], "belongs to a single run"),
    ],
)
def test_wrong_words(world: World, words: list[str], says: str) -> None:
    check_failure(config(world, *words, status=2), 2, [says])


# -- around it ---------------------------------------------------------------------------------------------------------


def test_general_options_before_the_command(world: World) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    general = ["-q", "--no-cache-dir", "--disable-pip-version-check", "--timeout=9", "--python", world.python]
    before = world.clearway(*general, "install", "--index-url", world.index.url, "--use-feature=fast-deps", "demo")
    assert (before.status, before.text) == (0, "")
    assert world.clearway("--python", world.python, "--retries", "0", "freeze").out == "demo==1.0\n"
    refused = world.clearway("--use-feature", "frobnicate", "freeze")
    check_failure(refused, 2, ["--use-feature is 'frobnicate'", "fast-deps"])


@pytest.mark.parametrize("how", ["flag", "variable", "file"])
def test_nothing_but_virtual_environments(world: World, users: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    base = os.path.join(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    if how == "variable":
        monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    if how == "file":
        config(world, "set", "require-virtualenv", "yes")
    flags = ["--require-virtualenv"] if how == "flag" else []
    asked = ("install", "--cache-dir", world.cache, "--index-url", world.index.url, "--dry-run", "demo")
    refused = world.clearway(*flags, *asked, "--python", base)
    check_failure(refused, 5, ["virtual environment"])
    assert world.clearway(*flags, *asked, "--python", world.python).status == 0
    assert world.clearway(*flags, "list", "--python", base).status == 0


def test_no_cache_to_look_at(world: World) -> None:
    check_failure(world.clearway("--no-cache-dir", "cache", "dir"), 2, ["--no-cache-dir"])


@pytest.mark.parametrize("how", ["flag", "variable"])
def test_isolation(world: World, users: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world.index.add(make_wheel("demo", "1.0"))
    users.parent.mkdir(parents=True)
    users.write_text("timout = 1\n")
    monkeypatch.setenv("PIP_TIMEOUT", "soon")
    monkeypatch.setenv("CLEARWAY_NO_INDEX", "yes")
    (world.root / "clearway.toml").write_text(f'index-url = "{world.index.url}"\n')
    if how == "variable":
        monkeypatch.setenv("CLEARWAY_ISOLATED", "1")
    flags = ["--isolated"] if how == "flag" else []
    result = world.clearway(*flags, "install", *world.place(), "demo")
    assert result.status == 0, result.text
    assert world.versions() == {"demo": "1.0"}


def test_what_is_not_understood_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARWAY_TIMOUT", "3")
    monkeypatch.setenv("PIP_USE_DEPRECATED", "legacy-resolver")
    monkeypatch.setenv("PIP_FROBNICATE", "1")
    usual = world.clearway("list", *world.place())
    assert usual.status == 0
    assert len(usual.warnings) == 2
    assert "CLEARWAY_TIMEOUT" in usual.err
    assert "use-deprecated" in usual.err
    assert "frobnicate" not in usual.text
    assert "PIP_FROBNICATE" in world.clearway("-v", "list", *world.place()).text
    assert world.clearway("-qq", "list", *world.place()).err == ""
