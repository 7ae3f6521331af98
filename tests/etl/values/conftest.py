"""Property tests here are not timed: what else runs on the machine is no property of the code."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None, max_examples=60)
settings.load_profile("untimed")
