"""Days on which the law encoded here changes, or is expected to; after such a day the rulebook is old."""

from __future__ import annotations

from datetime import date

from klarera.law.dates import Watch

__all__ = ["WATCH"]

WATCH: tuple[Watch, ...] = (
    Watch(
        date(2026, 12, 17),
        "Directive (EU) 2019/790",
        "BGH I ZR 281/25: is prose a machine-readable reservation",
    ),
    Watch(
        date(2027, 1, 31),
        "DMA (Regulation (EU) 2022/1925)",
        "decision on AWS and Azure expected; joint guidelines",
    ),
    Watch(
        date(2027, 3, 31),
        "GDPR (Regulation (EU) 2016/679)",
        "final EDPB Guidelines 02/2026 and 03/2026 expected",
    ),
    Watch(date(2027, 6, 30), "Proposal COM(2025) 837", "mandates of Council and Parliament; trilogue"),
)
