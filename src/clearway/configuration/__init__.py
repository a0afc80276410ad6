"""What is configured outside the command line: requirement files, configuration files, the default index.

``requirement_lines`` is the grammar of requirement files and ``statements`` that of one requirement;
``requirement_files`` reads them. ``own_files`` finds and reads our own configuration, ``pip_files`` pip's;
``default_index`` says which index pip would use.
"""
