"""Choices that are only counted: tests that keep their level, and whom they find.

`polytope` (with `forms` and `walks`): the set of rational tables. `sample`: counts, shares and their
covariance. `projection` (with `least_distance`), `box` and `split` are tests; `naive` holds two that fail;
`counts` is the door to all of them. `agents` must pass or must fail, `power` says how often they do, and in
`stakes` all of it has closed forms.
"""
