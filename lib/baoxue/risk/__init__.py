"""The risk core: plain frames in, probabilities with exact reasons out. It knows no pupils, no store, no county.

`X` is a frame of features (numbers, yes/no, or words; missing = missing), one row a unit (a pupil as of a day), index
free; `y` is 0/1 of equal length (1 = left within the horizon); `groups` a column of clusters (school or pupil code);
`periods` a column of sortable as-of dates or years. This package imports nothing itself; import the part:

| part | gives |
|---|---|
| `ladder` | `Ladder(rung="auto", monotone=None, seed=0)`: the model; `rung_for(events)`, `RUNGS` |
| `rules` | `RandomRule`, `ColumnRule`, `AbsenceRule`, `GroupRateRule`, `AbcRule`: the simple rules, same interface |
| `splits` | `forward(periods, gap=1, apart=None)`, `grouped(groups)`, `folds(y)`: lists of `Split(name, train, test)` |
| `validation` | `Contender`, `out_of_fold`, `table` (measures at a capacity, with intervals), `gain` (paired) |
| `calibration` | `calibration(y, p, groups)`: slope, intercept, observed / expected; `bands(y, p)` for the chart |
| `decision` | `decide(scores, measures, rules, …)`: the model, a rule, neither, or cannot tell |
| `sentences` | the same in words and tables: `comparison`, `natural_frequency`, `decision`, `calibration` |
| `leaks` | `check(X, y, cleared)` and `check_clock(known_on, as_of)`: raise `LeakError`, naming the columns |
| `stored` | `save(model, path, about)`, `load(path)`: JSON, format version and digest checked; never pickle |
| `datasets` | `load(name_or_path, data, features, add_features)`: any table that `params/datasets/*.yaml` maps |
| `compared` | `contenders(dataset)`, `scores(dataset)`, `folds(dataset)`: a mapped table put to the test |

Models and rules: `fit(X, y, groups=None)`, `predict_proba(X)[:, 1]`, `decision_function(X)`. The ladder also takes
`precursor` in `fit` and has `rung_`, `events_`, `intercept_` and `contributions(X)`: log-odds a column, whose row sum +
`intercept_` is the log-odds.
"""
