"""What holds for every test."""

from hypothesis import settings

# how long an example takes says more about the machine than about the code
settings.register_profile("tui-embed", deadline=None)
settings.load_profile("tui-embed")
