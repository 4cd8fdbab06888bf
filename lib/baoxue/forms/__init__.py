"""Official forms (.xlsx) and papers (公文, .docx), as officials print, sign and hand them in; in Chinese in every run.

`layout` says how a form looks, one table a module. `paper` lays out a paper by GB/T 9704-2012, `fragments` sets what
was written as HTML or Markdown, `documents` says which paper a case needs and on what power, `letters` draws and hands
them over.
"""
