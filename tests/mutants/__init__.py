"""Small changes made on purpose: each must be noticed by the tests that mirror the changed module (`make mutants`)."""
