"""Probing: real interpreters, remembered answers, and everything that is no interpreter."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from clearway.errors import TargetError
from clearway.interpreter.probe import probe, start_probe
from interpreter.fakes import Fake, MemoryStore, posix, recorded

SCHEME_SCRIPT = """
import json, os, sys, sysconfig
paths = sysconfig.get_paths()
keys = ["purelib", "platlib", "scripts", "data", "stdlib"]
print(json.dumps([sys.executable, sys.prefix] + [paths[key] for key in keys]))
"""


def test_a_real_environment_tells_what_its_own_sysconfig_says(virtual_python: str) -> None:
    environment = probe(virtual_python)
    told = json.loads(subprocess.run([virtual_python, "-c", SCHEME_SCRIPT], check=True, capture_output=True).stdout)
    scheme = environment.scheme
    assert told == [
        environment.executable,
        environment.prefix,
        scheme.purelib,
        scheme.platlib,
        scheme.scripts,
        scheme.data,
        environment.stdlib,
    ]
    assert environment.executable == virtual_python
    assert environment.base_prefix != environment.prefix
    assert environment.search[0] == scheme.purelib
    assert all(folder.startswith(environment.prefix) for folder in environment.search)
    assert scheme.headers == os.path.join(
        environment.prefix, "include", "site", "python" + environment.markers["python_version"]
    )
    assert environment.externally_managed is None


def test_an_environment_with_system_packages_searches_its_own_folder_first(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", str(tmp_path / "env")], check=True
    )
    environment = probe(str(tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"))
    inside = [folder for folder in environment.search if folder.startswith(environment.prefix)]
    assert environment.search[: len(inside)] == tuple(inside)
    assert any(folder.startswith(environment.base_prefix) for folder in environment.search)


def test_a_search_path_of_the_caller_changes_nothing(own_environment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = probe(own_environment)
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PYTHONHOME", "/elsewhere")
    assert probe(own_environment) == plain


def test_a_module_in_the_working_folder_is_not_run(
    own_environment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "platform.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)
    assert probe(own_environment).markers["python_version"]


def test_what_is_known_is_not_asked_again(own_environment: str, store: MemoryStore) -> None:
    first = probe(own_environment, store)
    started = start_probe(own_environment, store)
    Path(own_environment).parent.parent.joinpath("pyvenv.cfg").touch()
    assert started.finish() == first


@posix
def test_an_answer_is_kept_until_the_executable_changes(fake: Fake, store: MemoryStore) -> None:
    path = fake.tells(glibc="2.28")
    assert probe(path, store) == probe(path, store)
    assert fake.asked == 1
    os.utime(path, ns=(1, 1))
    probe(path, store)
    assert fake.asked == 2


@posix
@pytest.mark.parametrize("place", ["bin", "."])
def test_an_answer_is_kept_until_the_environment_changes(
    fake: Fake, store: MemoryStore, tmp_path: Path, place: str
) -> None:
    path = fake.tells()
    probe(path, store)
    (tmp_path / place / "pyvenv.cfg").write_text("include-system-site-packages = true")
    probe(path, store)
    assert fake.asked == 2


@posix
def test_an_answer_depends_on_who_asks(fake: Fake, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fake.tells()
    probe(path, store)
    monkeypatch.setenv("PYTHONUSERBASE", "/home/other")
    probe(path, store)
    assert fake.asked == 2


@posix
def test_without_a_store_it_is_always_asked(fake: Fake) -> None:
    path = fake.tells()
    probe(path)
    probe(path)
    assert fake.asked == 2


@posix
def test_a_wrapper_is_asked_each_time_and_the_interpreter_behind_it_is_the_answer(
    fake: Fake, store: MemoryStore
) -> None:
    path = fake.tells(executable="/opt/python/bin/python")
    assert probe(path, store).executable == "/opt/python/bin/python"
    probe(path, store)
    assert fake.asked == 2
    assert not store.values


@posix
def test_an_interpreter_that_does_not_know_its_path_has_the_one_it_was_called_by(fake: Fake) -> None:
    assert probe(fake.tells(executable="")).executable == fake.path


@posix
def test_a_damaged_answer_is_asked_again(fake: Fake, store: MemoryStore) -> None:
    path = fake.tells()
    probe(path, store)
    (key, value), *_ = store.values.items()
    store.values[key] = value[:-9]
    assert probe(path, store).executable == path
    assert fake.asked == 2


def test_a_known_interpreter_costs_no_heavy_import(own_environment: str, store: MemoryStore, tmp_path: Path) -> None:
    probe(own_environment, store)
    kept = tmp_path / "kept"
    kept.write_bytes(msgspec.msgpack.encode({key[1]: value for key, value in store.values.items()}))
    code = f"""
import sys, msgspec
class Store:
    values = msgspec.msgpack.decode(open({str(kept)!r}, "rb").read())
    def get(self, table, key): return self.values.get(key)
from clearway.interpreter.probe import probe
assert probe({own_environment!r}, Store()).tags
heavy = {{"subprocess", "json", "packaging", "logging", "sysconfig", "clearway.interpreter.tags"}}
print(sorted(heavy & set(sys.modules)))
"""
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path = {sys.path!r}\n{code}"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert result.stdout.strip() == "[]"


def _failure(path: str, patience: float = 20) -> TargetError:
    with pytest.raises(TargetError) as caught:
        start_probe(path).finish(patience)
    assert caught.value.hint
    assert "\n" not in caught.value.message
    return caught.value


def test_a_path_without_a_file(tmp_path: Path) -> None:
    assert _failure(str(tmp_path / "python")).code == "bad-interpreter"


@posix
def test_a_link_whose_end_is_gone_is_explained(tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to("/opt/gone/bin/python")
    assert "/opt/gone/bin/python" in _failure(str(tmp_path / "python")).hint


@posix
def test_a_path_that_is_not_text(tmp_path: Path) -> None:
    assert "its path is not text" in _failure(os.fsdecode(os.fsencode(tmp_path) + b"/\xff/python")).message


@posix
def test_a_file_that_may_not_be_run(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\n")
    assert _failure(str(tmp_path / "python")).code == "bad-interpreter"


@posix
def test_a_file_that_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "python").write_bytes(b"\x7fELF and nothing more")
    (tmp_path / "python").chmod(0o755)
    assert _failure(str(tmp_path / "python")).code == "bad-interpreter"


@posix
@pytest.mark.parametrize(
    ("printed", "reason", "context"),
    [
        ("", "it printed nothing", ()),
        ("hello\n", "it does not answer as Python does", ("hello",)),
        ("\x1b[2Jnot found\n\n", "it does not answer as Python does", ("?[2Jnot found",)),
        ("1\n2\n3\n4\n5\n6\n7\n", "it does not answer as Python does", ("1", "2", "3", "5", "6", "7")),
        ("\nclearway-facts:{}\n", "its answer cannot be read", ()),
        ("\nclearway-facts:[1, 2\n", "its answer cannot be read", ()),
        ('\nclearway-facts:{"version": [3, 12]}\n', "its answer cannot be read", ()),
        ('\nclearway-facts:{"version": "new"}\n', "its answer cannot be read", ()),
    ],
)
def test_a_program_that_is_no_interpreter(fake: Fake, printed: str, reason: str, context: tuple[str, ...]) -> None:
    error = _failure(fake.prints(printed))
    assert error.code == "bad-interpreter"
    assert error.message.endswith(f": {reason}")
    assert error.context == context


@posix
def test_what_else_is_printed_does_not_matter(fake: Fake) -> None:
    facts = json.dumps(recorded(executable=fake.path))
    assert probe(fake.prints(f"Warning: something\n\nclearway-facts:{facts}\nand on leaving\n")).executable == fake.path


@posix
def test_a_program_that_prints_without_end(fake: Fake) -> None:
    assert _failure(fake.runs("exec yes")).code == "bad-interpreter"


@posix
@pytest.mark.parametrize("then", ["wait", "exit 0"])
def test_a_program_that_hangs_is_ended_with_its_children(fake: Fake, tmp_path: Path, then: str) -> None:
    os.mkfifo(tmp_path / "held")
    held = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    error = _failure(fake.runs(f"sleep 600 3> {tmp_path}/held & {then}"), patience=0.5)
    assert (error.code, error.message.rpartition(": ")[2]) == ("bad-interpreter", "no answer within 0.5 seconds")
    ready, _, _ = select.select([held], [], [], 10)
    assert ready, "the child still holds its end"
    assert os.read(held, 1) == b""
    os.close(held)


@posix
def test_facts_that_contradict_each_other(fake: Fake) -> None:
    path = fake.tells(implementation="other", ext_suffix="so")
    assert _failure(path).code == "bad-interpreter"


@posix
@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ('\nclearway-facts:{"version": [3, 7]}\n', "3.7"),
        ("Unknown option: -I\nusage: python [option]\n", "older than 3.4"),
    ],
)
def test_a_python_that_is_too_old(fake: Fake, printed: str, version: str) -> None:
    error = _failure(fake.prints(printed))
    assert error.code == "python-too-old"
    assert f"is Python {version}, and the oldest" in error.message


@posix
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[externally-managed]\nError=Ask the operator.\n  Really.\n", "Ask the operator.\nReally."),
        ("[externally-managed]\n", "This interpreter's environment is managed"),
        ("no ini file", "This interpreter's environment is managed"),
    ],
)
def test_an_environment_that_something_else_manages(
    fake: Fake, store: MemoryStore, tmp_path: Path, content: str, said: str
) -> None:
    """PEP 668; the marker may come and go while the rest is known."""
    path = fake.tells(stdlib=str(tmp_path))
    assert probe(path, store).externally_managed is None
    (tmp_path / "EXTERNALLY-MANAGED").write_text(content)
    managed = probe(path, store)
    assert fake.asked == 1
    assert managed.externally_managed is not None
    assert managed.externally_managed.startswith(said)


@posix
def test_a_virtual_environment_is_not_managed_by_its_base(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "EXTERNALLY-MANAGED").write_text("[externally-managed]\nError=No.\n")
    assert probe(fake.tells(stdlib=str(tmp_path), prefix="/env")).externally_managed is None
