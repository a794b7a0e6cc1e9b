"""DSA (Regulation (EU) 2022/2065), as far as it decides records."""
