"""A run: a params file in, a folder of products out.

In reading order: `declared` reads a notebook's parameters, `written` and `params` the params file, `places` and
`premises` check them against the county; `units` says what is to be executed, `kernels` and `execution` execute one
notebook, `languages`, `grids` and `pages` draw its page, `worker` does so in a process of its own, `factory` keeps
several going; `record` writes run.json, `site` the index, `delivery` puts all of it in its place; `telling` shows how
it goes, `leaving` looks through what is about to leave, `refresh` executes the notebooks where they lie.
"""
