"""baoxue (保学): keep every child of compulsory school age in school.

Modules in reading order; each imports only what stands above it:
policy, words, calendar, codes, contracts, intake, store, demo, registers, cases, support, panel, rates,
features, labels, risk, disclosure, lists, charts, forms, run, __main__.
"""

__version__ = "0.1.0"
