"""The second view: rows in which something may be disguised, folded to plain characters.

Folded are: full-width, circled, mathematical and small-capital letters; decimal digits of every script;
Greek and Cyrillic look-alikes inside a word that also has Latin letters; letters with separate accents;
characters that show nothing inside ASCII text; character entities and percent signs; blanks and dashes of
other kinds between digits; text under a right-to-left override. The fused pass says which rows hold such a
thing; only these are folded and scanned again, and what is found is mapped back to all the original bytes it
came from. The text itself never changes, and the copy is never longer than it.

Long runs of variation selectors carry provenance manifests (C2PA) and are left as they are.

>>> text = np.frombuffer("ａ＠ｂ".encode(), np.uint8)
>>> view = View(text, np.array([0, 9]), np.zeros(1, np.uint8), np.zeros(1, np.uint16))
>>> second = second_view(view, np.array([0]))
>>> second.view.buf.tobytes(), second.original(np.array([1]), np.array([3]))
(b'a@b', (array([3]), array([9])))
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from klarera.find import I8, View
from klarera.kernels.normalise import Copy, Folds, fold_rows, map_back

__all__ = ["PLAIN_FORM", "Second", "folds", "second_view"]

# First digit ("zero") of the decimal digits of each script in the Basic Multilingual Plane (Unicode 15).
_ZEROS = (
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
    0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
)  # fmt: skip
_SMALL_CAPITALS = "ᴀaʙbᴄcᴅdᴇeꜰfɢgʜhɪiᴊjᴋkʟlᴍmɴnᴏoᴘpʀrꜱsᴛtᴜuᴠvᴡwʏyᴢz"
_ALIKE = (
    "аaеeоoрpсcуyхxіiјjѕsԁdһhԛqԝwгrпnкkтtАAВBЕEЗ3КKМMНHОOРPСCТTУYХXІIЈJЅSԚQԜWЁEёe"
    "αaβbεeηnιiκkνvοoρpτtυuχxωwΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX"
)
_ENTITIES = {
    "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": "\xa0", "commat": "@", "period": ".", "num": "#",
    "plus": "+", "sol": "/", "colon": ":", "hyphen": "-", "dash": "-", "lowbar": "_", "comma": ",", "lpar": "(",
    "rpar": ")", "lsqb": "[", "rsqb": "]", "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö",
    "Uuml": "Ü", "szlig": "ß", "eacute": "é", "egrave": "è", "ecirc": "ê", "agrave": "à", "acirc": "â",
    "ccedil": "ç", "ocirc": "ô", "icirc": "î", "ugrave": "ù", "aacute": "á", "iacute": "í", "oacute": "ó",
    "uacute": "ú", "ntilde": "ñ", "atilde": "ã", "otilde": "õ", "aring": "å", "aelig": "æ", "oslash": "ø",
}  # fmt: skip


def _plain_form() -> npt.NDArray[np.uint16]:
    table = np.zeros(65536, np.uint16)
    table[0xFF01:0xFF5F] = np.arange(0x21, 0x7F)
    for zero in _ZEROS:
        table[zero : zero + 10] = np.arange(0x30, 0x3A)
    table[0x2460:0x2469] = np.arange(0x31, 0x3A)
    table[0x24EA] = 0x30
    table[0x24B6:0x24D0] = np.arange(0x41, 0x5B)
    table[0x24D0:0x24EA] = np.arange(0x61, 0x7B)
    for fancy, plain in zip(_SMALL_CAPITALS[::2], _SMALL_CAPITALS[1::2], strict=True):
        table[ord(fancy)] = ord(plain)
    for point in range(0x2102, 0x2140):
        plain = unicodedata.normalize("NFKC", chr(point))
        # U+2139 is the sign in an emoji, U+2122 and its like are several letters.
        if len(plain) == 1 and plain.isascii() and plain.isalpha() and point != 0x2139:
            table[point] = ord(plain)
    return table


PLAIN_FORM = _plain_form()


@cache
def folds() -> Folds:
    """The tables of folding, built once a process; composition in Unicode never changes."""
    math = np.zeros(1024, np.uint8)
    for point in range(0x1D400, 0x1D800):
        plain = unicodedata.normalize("NFKC", chr(point))
        if len(plain) == 1 and plain.isascii():
            math[point - 0x1D400] = ord(plain)
    alike = np.zeros(2048, np.uint8)
    for other, latin in zip(_ALIKE[::2], _ALIKE[1::2], strict=True):
        alike[ord(other)] = ord(latin)
    pairs: dict[int, int] = {}
    for point in range(0xC0, 0x800):
        parts = unicodedata.decomposition(chr(point)).split()
        if len(parts) == 2 and 0x300 <= int(parts[1], 16) < 0x370:
            pairs[int(parts[0], 16) << 8 | int(parts[1], 16) - 0x300] = point
    names = {int.from_bytes(name.encode(), "big"): ord(char) for name, char in _ENTITIES.items()}
    return Folds(
        PLAIN_FORM, math, alike,
        np.array(sorted(pairs), np.uint32), np.array([pairs[k] for k in sorted(pairs)], np.uint16),
        np.array(sorted(names), np.uint64), np.array([names[k] for k in sorted(names)], np.uint16),
    )  # fmt: skip


class Second(NamedTuple):
    """The folded copy of some rows.

    view  these rows only, numbered from 0; rows: their numbers in the batch; copy: with the map back
    """

    view: View
    rows: I8
    copy: Copy

    def original(self, start: I8, end: I8) -> tuple[I8, I8]:
        """Where spans of the copy lie in the batch's own buffer; whole code points."""
        a, b = np.empty(len(start), np.int64), np.empty(len(start), np.int64)
        map_back(np.ascontiguousarray(start), np.ascontiguousarray(end), self.copy, a, b)
        return a, b


def second_view(view: View, rows: I8) -> Second:
    """Fold these rows of the batch."""
    size = int((view.off[rows + 1] - view.off[rows]).sum())
    copy = Copy(np.empty(size, np.uint8), np.empty(size, np.int64), np.empty(size, np.int64), np.zeros(1, np.int64))
    off = np.empty(len(rows) + 1, np.int64)
    used = fold_rows(view.buf, view.off, rows, folds(), copy, off)
    return Second(View(copy.buf[:used], off, view.language[rows], view.country[rows]), rows, copy)
