"""Where a run's shards are worked on. An engine maps one picklable function over tasks, in any order of work,
and gives the answers in the order of the tasks."""
