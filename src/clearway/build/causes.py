"""Why builds fail, as far as the reason can be read off their output: patterns, and what to try."""

from __future__ import annotations

_HEADERS = "Install the development package of what it belongs to, or take a release that has a wheel for this Python."
_COMPILER = (
    "A compiler is missing: install a C/C++ toolchain (gcc or clang with make; on Windows the Visual Studio Build "
    "Tools), or take a release that has a wheel for this Python."
)
CAUSES = (
    (
        r"fatal error: '?Python\.h'?",
        "The headers of this Python are missing: install its development package (python3-dev, python3-devel).",
    ),
    (
        r"fatal error: '?([\w./+-]+\.h(?:pp|h|xx)?)'?(?:: No such file| file not found)",
        f"{{}} is missing. {_HEADERS}",
    ),
    (
        r"(?:cannot find -l|library not found for -l|library ')([\w.+-]+)",
        f"The library {{}} is missing. {_HEADERS}",
    ),
    (
        r"(?:unable to execute|command) '?[\w./+-]*(?:gcc|g\+\+|cc|clang|c\+\+|cl\.exe)'?(?: failed)?: No such file"
        r"|Microsoft Visual C\+\+ [\d.]+ or greater is required|Unknown compiler\(s\)"
        r"|No CMAKE_C(?:XX)?_COMPILER could"
        r"|command '[\w./+-]*(?:gcc|cc|clang)' failed: None"
        r"|No such file or directory: '[\w./+-]*(?:cc|[cg]\+\+|clang(?:\+\+)?|cl(?:\.exe)?)'",
        _COMPILER,
    ),
    (
        r"can't find Rust compiler|cargo, the Rust package manager, is not installed|rustc[^\n]*not found",
        "A Rust compiler is missing: install rustc and cargo, or take a release that has a wheel for this Python.",
    ),
    (
        r"(?:unable to execute|command) '?(?:gfortran|f77|f95)|No Fortran compiler found",
        "A Fortran compiler is missing: install gfortran, or take a release that has a wheel for this Python.",
    ),
    (
        r"CMake must be installed|Could NOT find CMake|'cmake': No such file|cmake: (?:command )?not found",
        "CMake is missing: install it, or take a release that has a wheel for this Python.",
    ),
    (
        r"((?:pg_|mysql_|pkg-|curl-|nc-|gdal-)config)\b[^\n]*(?:not found|No such file|missing)",
        f"The program {{}} is missing. {_HEADERS}",
    ),
    (
        r"ModuleNotFoundError: No module named '(?:distutils|imp|asynchat|asyncore|smtpd)(?:\.[\w.]+)?'",
        "It was written for Python 3.11 or older: take a newer release of it, or build for an older Python.",
    ),
    (
        r"ModuleNotFoundError: No module named '(?:aifc|audioop|cgi|cgitb|chunk|crypt|imghdr|lib2to3|mailcap|nis"
        r"|nntplib|pipes|sndhdr|spwd|sunau|telnetlib|uu|xdrlib)(?:\.[\w.]+)?'",
        "It was written for Python 3.12 or older: take a newer release of it, or build for an older Python.",
    ),
    (
        r"(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)'?",
        "It needs {0} to be built and does not say so in its build requirements. Install {0} and build in the "
        "environment itself with --no-build-isolation, or report it to its publisher.",
    ),
    (
        r"SyntaxError: Missing parentheses in call to 'print'|print statement|use_2to3 is invalid",
        "It was written for Python 2: take a newer release of it.",
    ),
    (
        r"Multiple top-level (?:packages|modules) discovered in a flat-layout",
        "Name its packages in pyproject.toml ([tool.setuptools] packages), or move them below src/.",
    ),
    (
        r"setuptools-scm was unable to detect version|LookupError: .*unable to detect version",
        "Its version comes from a repository's tags: name the repository (git+https://...) or a released archive.",
    ),
    (
        r"No space left on device",
        "Make space, or name a folder on another disk with the environment variable TMPDIR.",
    ),
    (
        r"MemoryError|Killed signal terminated program|out of memory",
        "Memory ran out: build fewer at once with --jobs.",
    ),
)
"""What is looked for in the output, in upper or lower case, and what to try; the first that is found counts."""
