"""The target Python: which one it is, what it is like, what is installed in it.

``discover`` finds the interpreter that is meant, ``probe`` asks it (``script`` is what it runs, ``facts`` the shape of
its answer, ``tags`` what follows from it, ``managed`` who else claims it), ``folder`` turns an environment into a plain
folder (``--target``), ``installed`` and ``egg_info`` read the distributions that are there. Nothing is written here.
"""
