"""Plain words for the codes a report shows. Codes stay beside them; a code without words is shown as it is."""

from __future__ import annotations

__all__ = ["CONFIDENCE", "DECISIONS", "KINDS", "PEOPLE", "RANKS", "STATUS"]

KINDS = {
    "EMAIL": "e-mail addresses",
    "PHONE": "telephone numbers",
    "IBAN": "bank accounts (IBAN)",
    "CARD": "payment cards",
    "IP": "IP addresses",
    "MAC": "device addresses (MAC)",
    "NATIONAL_ID": "national identity numbers",
    "ID_DOCUMENT": "passport and card numbers",
    "PERSON": "names of persons",
    "ADDRESS": "postal addresses",
    "HANDLE": "account names",
    "PROFILE_URL": "links to profiles",
    "BIRTH_DATE": "dates of birth",
    "PLATE": "number plates",
    "GEO": "coordinates",
    "WALLET": "crypto wallets",
    "SECRET": "passwords and keys",
    "HEALTH": "health",
    "RELIGION": "religion or belief",
    "POLITICS": "political opinions",
    "UNION": "trade union membership",
    "SEX_LIFE": "sex life or orientation",
    "ETHNICITY": "racial or ethnic origin",
    "GENETIC": "genetic data",
    "BIOMETRIC": "biometric data",
    "CRIMINAL": "offences and convictions",
    "MINOR": "somebody is below 18",
    "ADULT": "the author is 18 or older",
    "OBJECTION": "the text objects to the use",
    "CHAIN_OBJECTION": "chain posts that object",
}
"""What a kind of finding is, by its name in the model."""

CONFIDENCE = {
    "O": "official text read",
    "O*": "official text read in a transcription",
    "S": "secondary sources read",
    "S1": "one secondary source read",
    "M": "from memory",
    "analysis": "our analysis of the norms named",
}
"""How the content of a source was checked."""

RANKS = {
    "CJEU": "Court of Justice of the EU",
    "FINAL_JUDGMENT": "final national judgment",
    "EDPB_FINAL": "EDPB, final",
    "AUTHORITY": "competent authority",
    "INTERIM_RULING": "interim ruling",
    "OTHER_AUTHORITY": "another authority",
    "DRAFT": "draft",
    "INDUSTRY": "industry",
    "PROPOSAL": "proposal",
}
"""Whose word a position rests on."""

DECISIONS = {
    "kept": "unchanged",
    "redacted": "kept, with parts taken out",
    "held": "set aside for a person to decide",
    "dropped": "left out",
    "unreadable": "could not be read as a record",
}
"""What each end of a unit of input means."""

PEOPLE = {
    "authors": "Authors of the records read",
    "authors_with_records_left_out": "Authors with at least one record held or dropped",
    "minors": "Authors for whom something shows that they are below 18",
    "records_naming_others": "Records that name other people",
    "records_naming_others_kept": "Records that name other people and are kept or redacted",
}
"""Counts of people."""

STATUS = {
    "screened": "Not ready for training: at least one condition that has to be met before training is open.",
    "conditional": "What has to be met before training is met. Lasting conditions are open and block release until "
    "they are met or a named person accepts them.",
    "cleared": "Every blocking condition is met, or a named person has accepted it open.",
}
"""What a status says, and no more."""
