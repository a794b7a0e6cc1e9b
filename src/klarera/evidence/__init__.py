"""Evidence: keys, the append-only log, commits, and the checks that they hold.

    files        the seam to the disk: whole files or none, one writer at a time
    canonical    the one byte form of a JSON value (RFC 8785)
    keys         secrets of a dataset, kept outside OUT
    merkle       RFC 6962 hashes and proofs
    tiles        the tree as static files (C2SP tlog-tiles)
    checkpoint   a signed statement of size and root (C2SP signed note)
    log          the log on disk
    commits      the states of a clearance, each naming its parent
    verify       does it all hold?

Evidence carries hashes, offsets, kinds and counts, never text of a record or a person's identifier.
"""
