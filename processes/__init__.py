"""Process classes. A folder `processes` of the office's own adds to these, wherever it stands on sys.path.

Without this a folder that has no `__init__.py` would not be seen: Python takes the first package that has one. What
stands earlier on sys.path, such as the working directory, comes first.
"""

from pkgutil import extend_path

__path__ = list(dict.fromkeys([*extend_path([], __name__), *__path__]))
