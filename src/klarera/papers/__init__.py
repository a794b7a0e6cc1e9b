"""Papers computed from a commit's payload: the report, the card of a released set. Numbers come from nowhere else."""
