"""The second view: the rows in which something may be disguised, folded to plain characters."""

from __future__ import annotations

import unicodedata

import numpy as np

PLAIN_FORM = np.zeros(65536, np.uint16)
