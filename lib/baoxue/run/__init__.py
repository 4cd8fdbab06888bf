"""A run: a params file in, a folder of products out.

In reading order: `declared` reads a notebook's parameters, `written`, `lines` and `params` the params file, `places`
and `premises` check them against the county. `units` says what there is to be executed, `record` what it is made from,
`earlier` what is finished already, `plan` what remains. `folders`, `warmth`, `forking` (the warm parent), `parents`,
`provisioning` and `kernels` give a notebook its kernel; `execution` executes it, `languages`, `grids` and `pages` draw
its page, `worker` does so in a process of its own, `crew` has several of them, `factory` keeps them busy. `changes`
compares with the period before, `neighbours` ties the pages, `site` writes the index, `drafts` and `delivery` put all
of it in its place; `telling` shows how it goes. `soundness` and `leaving` look through what is about to leave,
`packages`, `handed` and `release` sign it off and hand it over, `compared` and `verify` make it again; `refresh`
executes the notebooks where they lie.
"""

import sys

# jsonschema, which nbformat imports, takes this package for one format that no notebook has. Importing it builds a
# grammar, for one to five seconds of every command and worker; where it is absent jsonschema does without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
