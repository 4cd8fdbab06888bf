"""Official forms, as officials print, sign and hand them in; `layout` says how a table looks, one table a module."""
