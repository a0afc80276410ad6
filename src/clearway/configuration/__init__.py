"""What is configured outside the command line: requirement files, pip's configuration files, the default index.

``requirement_lines`` is the grammar of requirement files and ``statements`` that of one requirement;
``requirement_files`` reads them. ``pip_files`` finds and reads pip's configuration, ``default_index`` says which index
pip would use.
"""
