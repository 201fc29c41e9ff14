"""python -m newsletter: the same as the console script."""

import sys

from newsletter.cli import main

sys.exit(main())
