"""baoxue (保学): keep every child of compulsory school age in school.

Modules in reading order; each imports only what stands above it:
policy, words, codes, calendar, contracts, intake, store, demo, registers, cases, panel, rates, features, labels, risk,
disclosure, lists, charts (and charts_risk beside it), briefs, run, __main__.
"""

__version__ = "0.1.0"
