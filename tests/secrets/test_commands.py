"""Commands: real ones, small scripts; what they may not do, and that nothing of them stays behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from clearway.secrets import commands
from clearway.secrets.commands import CommandFault, Running, run

if TYPE_CHECKING:
    from pathlib import Path


def _script(text: str) -> tuple[str, ...]:
    return sys.executable, "-c", text


def test_what_a_command_prints() -> None:
    assert run(_script("print('a b')"), os.environ) == (0, "a b", "")
    assert run(_script(r"print('a\r')"), os.environ).out == "a"
    assert run(_script(r"print('a\n')"), os.environ).out == "a\n"


def test_what_it_is_given_and_what_it_complains_of() -> None:
    text = "import sys; print(sys.stdin.read()); print('one\\ntwo \\n', file=sys.stderr); sys.exit(7)"
    assert run(_script(text), os.environ, "secret") == (7, "secret", "two")


def test_without_anything_given_it_reads_nothing() -> None:
    assert run(_script("import sys; print(len(sys.stdin.read()))"), os.environ).out == "0"


def test_the_words_are_not_for_a_shell(tmp_path: Path) -> None:
    hostile = f"$(touch {tmp_path}/x); `touch {tmp_path}/y` > {tmp_path}/z"
    assert run((*_script("import sys; print(sys.argv[1])"), hostile), os.environ).out == hostile
    assert list(tmp_path.iterdir()) == []


def test_its_environment_is_ours() -> None:
    assert run(_script("import os; print(os.environ['NAME'])"), {**os.environ, "NAME": "value"}).out == "value"


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandFault, match="cannot be run: No such file or directory"):
        run((str(tmp_path / "nothing"),), os.environ)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("print('x' * 70_000)", "printed more than 65,536 bytes"),
        (r"import sys; sys.stdout.buffer.write(b'\xff')", "printed something that is not UTF-8"),
    ],
)
def test_what_no_command_should_print(text: str, says: str) -> None:
    with pytest.raises(CommandFault, match=says):
        run(_script(text), os.environ)


def test_one_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "TIME_LIMIT", 0.2)
    running = Running(_script("import time; time.sleep(600)"), os.environ)
    with pytest.raises(CommandFault, match=r"did not end within 0\.2 seconds"):
        running.result()
    assert running._process.poll() is not None


def test_one_whose_child_holds_the_pipe_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What it has started itself is not ours to end, but nobody waits for it either."""
    monkeypatch.setattr(commands, "TIME_LIMIT", 1.0)
    text = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(20)'])\n"
    text += f"open({str(tmp_path / 'pid')!r}, 'w').write(str(p.pid)); time.sleep(600)"
    began = time.monotonic()
    with pytest.raises(CommandFault, match="did not end"):
        run(_script(text), os.environ)
    assert time.monotonic() - began < 15
    if (tmp_path / "pid").exists():
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_an_interrupt_ends_it() -> None:
    running = Running(_script("import time; time.sleep(600)"), os.environ)
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.2, signal.pthread_kill, [main, signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        running.result()
    assert running._process.poll() is not None
    timer.join()
