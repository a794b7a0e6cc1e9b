"""The register: objections, erasures, consents, reservations. It reaches a run only as a hashed snapshot."""
