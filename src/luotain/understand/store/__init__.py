"""The columnar copy of the facts: files that never change, a manifest in the database, and what is newer than both.

``columns`` what a fact is called where; ``databases`` how facts are read from where they are written; ``manifest``
which files stand for which facts; ``counts`` exact score counts beside them; ``fold`` making the files; ``check``
holding the copy against the database. Nothing here writes to the database: publishing is an operation of the server.
"""
