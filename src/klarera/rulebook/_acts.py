"""The acts, judgments and papers the rulebook cites: one function each, called with the pinpoint.

Identifiers are CELEX numbers, ECLI, or the court's file number; nothing is fetched. What was checked, and
how, stands with each rule and source as its confidence.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from klarera.law.rule import Citation

__all__ = [
    "AIPREF",
    "AI_ACT",
    "AMSTERDAM_HOWARDS",
    "APERTUS",
    "CJEU_C131_12",
    "CJEU_C136_17",
    "CJEU_C184_20",
    "CJEU_C252_21",
    "CJEU_C394_23",
    "CJEU_C413_23",
    "CJEU_C446_21",
    "CJEU_C474_24",
    "CJEU_C492_23",
    "CJEU_C621_22",
    "CNIL_2025",
    "COM_837",
    "DMA",
    "DMA_GDPR_DRAFT",
    "DPC_2025",
    "DSA",
    "DSM",
    "EDPB_03_2026",
    "EDPB_05_2020",
    "EDPB_1_2025",
    "EDPB_28_2024",
    "EUIPO_2025",
    "GARANTE_GEDI",
    "GDPR",
    "GDPR_FROM",
    "GPAI_CODE",
    "HMBBFDI_2025",
    "KOELN",
    "LG_HAMBURG",
    "META_PRACTICE",
    "MUENCHEN_GEMA",
    "NOYB_2025",
    "OLG_HAMBURG",
    "RFC_9309",
    "RIGHTSHOLDERS",
    "SCHLESWIG",
    "TDM_FROM",
    "URHG",
]  # fmt: skip

Act = Callable[[str], Citation]


def _act(name: str, uri: str = "") -> Act:
    def cite(pinpoint: str) -> Citation:
        return Citation(name, pinpoint, uri)

    return cite


GDPR = _act("GDPR (Regulation (EU) 2016/679)", "CELEX:32016R0679")
DSM = _act("Directive (EU) 2019/790", "CELEX:32019L0790")
URHG = _act("UrhG (German Copyright Act)")
DMA = _act("DMA (Regulation (EU) 2022/1925)", "CELEX:32022R1925")
DSA = _act("DSA (Regulation (EU) 2022/2065)", "CELEX:32022R2065")
AI_ACT = _act("AI Act (Regulation (EU) 2024/1689)", "CELEX:32024R1689")
COM_837 = _act("Proposal COM(2025) 837", "CELEX:52025PC0837")

CJEU_C131_12 = _act("CJEU C-131/12 Google Spain", "CELEX:62012CJ0131")
CJEU_C136_17 = _act("CJEU C-136/17 GC and Others", "CELEX:62017CJ0136")
CJEU_C184_20 = _act("CJEU C-184/20", "CELEX:62020CJ0184")
CJEU_C252_21 = _act("CJEU C-252/21 Meta Platforms", "CELEX:62021CJ0252")
CJEU_C446_21 = _act("CJEU C-446/21 Schrems", "CELEX:62021CJ0446")
CJEU_C621_22 = _act("CJEU C-621/22 KNLTB", "CELEX:62022CJ0621")
CJEU_C394_23 = _act("CJEU C-394/23 Mousse", "CELEX:62023CJ0394")
CJEU_C413_23 = _act("CJEU C-413/23 P EDPS v SRB", "CELEX:62023CJ0413")
CJEU_C492_23 = _act("CJEU C-492/23 Russmedia", "CELEX:62023CJ0492")
CJEU_C474_24 = _act("CJEU C-474/24", "CELEX:62024CJ0474")

KOELN = _act("OLG Köln 15 UKl 2/25 (interim)")
SCHLESWIG = _act("OLG Schleswig 6 UKl 3/25 (interim)")
LG_HAMBURG = _act("LG Hamburg 310 O 227/23", "ECLI:DE:LGHH:2024:0927.310O227.23.00")
OLG_HAMBURG = _act("OLG Hamburg 5 U 104/24")
MUENCHEN_GEMA = _act("LG München I 42 O 14139/24 and 42 O 763/25")
AMSTERDAM_HOWARDS = _act("Rb. Amsterdam, DPG Media v HowardsHome", "ECLI:NL:RBAMS:2024:6563")

EDPB_05_2020 = _act("EDPB Guidelines 05/2020 on consent")
EDPB_28_2024 = _act("EDPB Opinion 28/2024 on AI models")
EDPB_1_2025 = _act("EDPB Statement 1/2025 on age assurance")
EDPB_03_2026 = _act("EDPB Guidelines 03/2026 on web scraping (draft)")
DMA_GDPR_DRAFT = _act("EDPB and Commission joint guidelines DMA-GDPR (draft, 2025)")
DPC_2025 = _act("DPC statement on Meta AI, 21 May 2025")
CNIL_2025 = _act("CNIL sheets on AI, 19 June 2025")
HMBBFDI_2025 = _act("HmbBfDI at the hearing of 22 May 2025")
GARANTE_GEDI = _act("Garante, warning to GEDI, 27 November 2024")
NOYB_2025 = _act("noyb, complaints and letter 2024-2025")
META_PRACTICE = _act("Meta, announced practice 2024-2025")

GPAI_CODE = _act("GPAI Code of Practice, Copyright chapter")
EUIPO_2025 = _act("EUIPO study on generative AI and copyright, May 2025")
RFC_9309 = _act("RFC 9309 (robots.txt)")
AIPREF = _act("IETF AIPREF drafts, 2026")
APERTUS = _act("Apertus, practice of an open model (Swiss AI Initiative)")
RIGHTSHOLDERS = _act("Authors' associations and rightholders, published positions")

GDPR_FROM: tuple[date, date | None] = (date(2018, 5, 25), None)
"""GDPR Art. 99(2)."""
TDM_FROM: tuple[date, date | None] = (date(2021, 6, 7), None)
"""Directive (EU) 2019/790 Art. 29(1): last day for national law; § 44b UrhG entered into force that day."""
