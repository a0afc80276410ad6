"""Files that tell clearway what to do: our own configuration and pip's, and what names the things to install.

``statements`` reads one requirement, ``places`` what is named by where it is, ``requirement_lines`` the grammar of
requirement files; ``project_files`` and ``locks`` read TOML that requires something; ``requirement_files`` brings all
of it together. ``own_files`` finds and reads our own configuration, ``editing`` writes it, ``pip_files`` reads pip's;
``default_index`` says which index pip would use.
"""
