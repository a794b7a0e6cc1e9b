"""GDPR (Regulation (EU) 2016/679), as far as it decides records."""
