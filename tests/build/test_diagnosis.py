"""Outputs of failed builds, and what is told of them."""

from __future__ import annotations

import pytest

from clearway.build.diagnosis import diagnose
from clearway.build.output import Output


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("demo.c:1:10: fatal error: Python.h: No such file or directory", "The headers of this Python are missing"),
        ("demo.c:1:10: fatal error: 'ffi.h' file not found", "ffi.h is missing"),
        ("demo.cc:3:10: fatal error: boost/any.hpp: No such file or directory", "boost/any.hpp is missing"),
        ("/usr/bin/ld: cannot find -lssl: No such file or directory", "The library ssl is missing"),
        ("ld: library not found for -lxml2", "The library xml2 is missing"),
        ("error: command 'gcc' failed: No such file or directory", "A compiler is missing"),
        ("error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'", "A compiler is missing"),
        ("error: Microsoft Visual C++ 14.0 or greater is required.", "A compiler is missing"),
        ("meson.build:1:0: ERROR: Unknown compiler(s): [['cc'], ['gcc']]", "A compiler is missing"),
        ("error: can't find Rust compiler", "A Rust compiler is missing"),
        ("Error: pg_config executable not found.", "The program pg_config is missing"),
        ("CMake must be installed to build the following extensions: demo", "CMake is missing"),
        ("ModuleNotFoundError: No module named 'distutils.core'", "It was written for Python 3.11 or older"),
        ("ModuleNotFoundError: No module named 'cgi'", "It was written for Python 3.12 or older"),
        ("ModuleNotFoundError: No module named 'Cython'", "It needs Cython to be built"),
        ("OSError: [Errno 28] No space left on device", "Make space"),
        ("something else", "Run it again with --verbose"),
    ],
)
def test_causes(line: str, advice: str) -> None:
    found = diagnose(["running build", line, "error: command failed"], 1)
    assert found.advice.startswith(advice)
    assert line in found.lines


def test_signal() -> None:
    found = diagnose([], -9)
    assert found.lines == ("the process was ended by signal 9",)
    assert "memory" in found.advice


def test_first_complaints_and_last_traceback() -> None:
    lines = [
        "Traceback (most recent call last):",
        "ValueError: an old story",
        *(f"a.c:{n}:1: error: number {n}" for n in range(50)),
        "a.c:9:1: warning: unused",
        "Traceback (most recent call last):",
        '  File "/x/_in_process/_in_process.py", line 9, in main',
        "    hook()",
        '  File "/tree/setup.py", line 3, in <module>',
        "    build()",
        "    ^^^^^^^",
        "CompileError: gcc failed",
    ]
    assert diagnose(lines, 1).lines == (
        *(f"a.c:{n}:1: error: number {n}" for n in range(6)),
        '  File "/tree/setup.py", line 3, in <module>',
        "    build()",
        "CompileError: gcc failed",
    )


def test_output_keeps_its_ends_and_passes_lines_on() -> None:
    heard: list[str] = []
    output = Output(heard.append)
    output.write(b"first\nsec")
    output.write(b"ond\x1b[1m\x00\n")
    for number in range(30_000):
        output.write(b"%060d\n" % number)
    output.write(b"no end")
    output.close()
    lines = output.lines()
    assert heard[:2] == ["first", "second?"]
    assert heard[-1] == lines[-1] == "no end"
    assert lines[0] == "first"
    assert "[...]" in lines
    assert sum(map(len, lines)) < 1_300_000


def test_line_without_an_end_is_not_collected() -> None:
    heard: list[str] = []
    output = Output(heard.append)
    for _ in range(100):
        output.write(b"x" * 1000)
    assert len(heard) > 5
    assert max(map(len, heard)) < 400
