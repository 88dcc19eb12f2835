"""``python -m tui_embed`` is the command ``tui-embed``."""

import sys

from tui_embed.cli.main import main

sys.exit(main())
