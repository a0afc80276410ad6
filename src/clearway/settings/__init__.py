"""The options of all commands: one table, how their values are read, and how several sources are merged (DESIGN 4.13).

``table`` holds the options, ``values`` reads one value, ``merge`` makes ``settings.Settings`` of flags, environment and
configuration files; ``ini`` parses pip's files, ``documents`` reads the options in our own and ``indexes`` their tables
of indexes; ``rules`` settles what is said about the rules of an index. ``formats`` reads ``--no-binary`` and
``--only-binary``, ``documentation`` renders the reference page. ``survey`` tells everything that is set, ``strays``
what nobody understands (``foreign``: pip's options that are not taken); ``edits`` changes a file of ours in its text
(``toml_text``). Pure: environment and files are handed in.
"""
