"""Steps that several processes share. A folder `tasks` of the office's own adds to these, as `processes` says."""

from pkgutil import extend_path

__path__ = list(dict.fromkeys([*extend_path([], __name__), *__path__]))
