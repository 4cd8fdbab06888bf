"""Official papers (公文) as .docx: the layout of GB/T 9704-2012, the letters a case needs, reports to edit and stamp.

`paper` lays out, `fragments` sets what was written as HTML or Markdown, `documents` says which paper a case needs and
on what power, `letters` draws and hands them over. Official letters are in Chinese in every run.
"""
