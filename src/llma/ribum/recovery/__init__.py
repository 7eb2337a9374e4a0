"""Utilities read back from choices.

`restrictions` says which utilities are admitted; `programs` writes the linear programmes, and `solver` solves
them. `reconstruct` finds the largest margin, `sparse_utility` the fewest payoffs, `identified` bounds on
every difference; `cutting` works with many environments. `ups`: posterior-separable costs across priors.
`vacuous`: utilities that rationalise anything.
"""
