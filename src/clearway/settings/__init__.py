"""The options of all commands: one table, how their values are read, and how several sources are merged (DESIGN 4.13).

``table`` holds the options, ``values`` reads one value, ``merge`` makes ``settings.Settings`` of flags, environment and
pip's configuration, ``formats`` reads ``--no-binary`` and ``--only-binary``, ``documentation`` renders the reference
page, ``ini`` parses pip's files. Pure: the environment and the files' content are handed in.
"""
