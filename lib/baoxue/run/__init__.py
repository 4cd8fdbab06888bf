"""A run: a params file in, a folder of products out.

In reading order: `declared` reads a notebook's parameters, `written` and `params` the params file, `places` and
`premises` check them against the county; `units` says what is to be executed, `kernels` and `execution` execute one
notebook, `languages`, `grids` and `pages` draw its page, `worker` does so in a process of its own, `factory` keeps
several going; `record` writes run.json, `changes` compares with the period before, `neighbours` ties the pages, `site`
writes the index, `delivery` puts all of it in its place; `telling` shows how it goes. `soundness` and `leaving` look
through what is about to leave, `packages`, `handed` and `release` sign it off and hand it over, `compared` and `verify`
make it again; `refresh` executes the notebooks where they lie.
"""
