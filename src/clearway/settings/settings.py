"""What a run was told to do: the merged result of flags, environment and configuration, with where each came from."""

from __future__ import annotations

from typing import Literal

import msgspec

from clearway.model.inputs import FormatStatement, Given, Inputs, ReleaseStatement
from clearway.model.names import normalize
from clearway.policy.rules import Rules


class Particulars(msgspec.Struct, frozen=True):
    """What the table of an index says besides where it is and how its answers are read.

    :param username: who the credential is for, where its URL does not say.
    :param password_command: a command that prints the password; ``credential_helper``: one that gets the index's URL
        and answers JSON.
    :param keyring: the keyring is asked before the first request.
    :param anonymous: no credential is looked up for it.
    :param packages: patterns of normalized project names that it claims.
    :param explicit, origins, forwarded, client_cert, client_key: as in :class:`clearway.index.records.Index`.
    """

    username: str = ""
    password_command: tuple[str, ...] = ()
    credential_helper: tuple[str, ...] = ()
    keyring: bool = False
    anonymous: bool = False
    packages: tuple[str, ...] = ()
    explicit: bool = False
    origins: tuple[str, ...] = ()
    forwarded: Literal["last", "refuse"] = "last"
    client_cert: str = ""
    client_key: str = ""


class ConfiguredIndex(msgspec.Struct, frozen=True):
    """An index that has a table of its own in a configuration file.

    :param name: how it is called; names that differ in case or separators alone are one.
    :param url: with user info, if any was given there.
    :param rules: how its answers are read, what was said for the whole run included.
    :param particulars: what else its tables say.
    :param vouched: the URL that the user's own file gives the name; empty where a project's file alone does.
    """

    name: str
    url: Given
    rules: Rules = Rules()
    particulars: Particulars = Particulars()
    vouched: str = ""


class Settings(msgspec.Struct, frozen=True):
    """The options of one run; a field is named as its option is (``clearway.settings.table``).

    :param rules: how answers are read where no index with rules of its own is meant.
    :param indexes: those that have a table of their own; ``index_url`` and ``extra_index_url`` may name them, and name
        all that are asked without being named.
    :param sources: by option, where its value was given, for people; an option that was left alone is not in it.
    """

    requirement: tuple[Given, ...] = ()
    requirements_from_script: tuple[Given, ...] = ()
    constraint: tuple[Given, ...] = ()
    editable: tuple[Given, ...] = ()
    group: tuple[Given, ...] = ()
    extra: tuple[Given, ...] = ()
    all_extras: bool = False
    upgrade: bool = False
    upgrade_strategy: Literal["only-if-needed", "eager"] = "only-if-needed"
    pre: bool = False
    releases: tuple[ReleaseStatement, ...] = ()
    force_reinstall: bool = False
    no_deps: bool = False
    only_deps: bool = False
    require_hashes: bool = False
    no_require_hashes: bool = False
    formats: tuple[FormatStatement, ...] = ()
    prefer_binary: bool = False
    no_build_isolation: bool = False
    check_build_dependencies: bool = False
    config_settings: tuple[Given, ...] = ()
    build_constraint: tuple[Given, ...] = ()
    src: str = ""
    exists_action: Literal["s", "i", "w", "b", "a", "switch", "ignore", "wipe", "backup", "abort"] = "a"
    no_clean: bool = False
    jobs: int = 0
    index_url: Given | None = None
    extra_index_url: tuple[Given, ...] = ()
    refresh_package: tuple[tuple[str, str], ...] = ()
    no_index: bool = False
    find_links: tuple[Given, ...] = ()
    index_strategy: Literal["first-index", "unsafe-best-match"] = "first-index"
    project: tuple[Given, ...] = ()
    timeout: float = 15.0
    retries: int = 5
    resume_retries: int | None = None
    cert: str = ""
    client_cert: str = ""
    proxy: Given | None = None
    no_proxy_env: bool = False
    trusted_host: tuple[Given, ...] = ()
    keyring_provider: Literal["auto", "disabled", "import", "subprocess"] = "auto"
    no_input: bool = False
    python: str = ""
    target: str = ""
    user_site: bool | None = None
    no_user: bool = False
    prefix: str = ""
    root: str = ""
    ignore_installed: bool = False
    ignore_requires_python: bool = False
    dest: str = ""
    wheel_dir: str = ""
    python_version: str = ""
    platform: tuple[Given, ...] = ()
    implementation: str = ""
    abi: tuple[Given, ...] = ()
    no_warn_script_location: bool = False
    root_user_action: Literal["warn", "ignore"] = "warn"
    break_system_packages: bool = False
    compile: bool = False
    link_mode: Literal["auto", "clone", "hardlink", "symlink", "copy"] = "auto"
    cache_dir: str = ""
    no_cache_dir: bool = False
    outdated: bool = False
    uptodate: bool = False
    not_required: bool = False
    only_editable: bool = False
    exclude_editable: bool = False
    exclude: tuple[Given, ...] = ()
    all: bool = False
    local: bool = False
    user: bool = False
    path: tuple[Given, ...] = ()
    files: bool = False
    dry_run: bool = False
    report: str = ""
    json: bool = False
    format: Literal["columns", "freeze", "json"] = "columns"
    cache_format: Literal["human", "abspath"] = "human"
    algorithm: Literal["sha256", "sha384", "sha512"] = "sha256"
    bash: bool = False
    zsh: bool = False
    fish: bool = False
    yes: bool = False
    progress_bar: Literal["auto", "on", "off", "raw"] = "auto"
    log: str = ""
    no_color: bool = False
    isolated: bool = False
    require_virtualenv: bool = False
    editor: str = ""
    users_file: bool = False
    projects_file: bool = False
    verbose: int = 0
    quiet: int = 0
    rules: Rules = Rules()
    indexes: tuple[ConfiguredIndex, ...] = ()
    sources: dict[str, str] = {}

    @property
    def verbosity(self) -> int:
        """How much to say: 0 as usual, more with ``-v``, less with ``-q``."""
        return self.verbose - self.quiet

    def rules_of(self, name: str) -> Rules:
        """Return the rules of the index of a name: its own if it has a table, else those of the run."""
        key = normalize(name)
        return next((index.rules for index in self.indexes if normalize(index.name) == key), self.rules)


def with_inputs(settings: Settings, inputs: Inputs) -> Settings:
    """Return settings to which the options inside requirement files are added, as pip adds them.

    An index that a file names takes the place of the default index; lists grow, and what is switched on stays so.
    """
    index_url = inputs.index_url or settings.index_url
    return msgspec.structs.replace(
        settings,
        index_url=index_url,
        extra_index_url=(*settings.extra_index_url, *inputs.extra_index_urls),
        find_links=(*settings.find_links, *inputs.find_links),
        formats=(*settings.formats, *inputs.formats),
        no_index=settings.no_index or inputs.no_index,
        pre=settings.pre or inputs.pre,
        releases=(*settings.releases, *inputs.releases),
        no_deps=settings.no_deps or inputs.no_deps,
        require_hashes=settings.require_hashes or inputs.require_hashes,
        no_require_hashes=settings.no_require_hashes or inputs.no_require_hashes,
        prefer_binary=settings.prefer_binary or inputs.prefer_binary,
        sources=settings.sources | ({"index-url": index_url.origin} if index_url else {}),
    )
