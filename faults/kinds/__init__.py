"""One file for each kind of fault. `run(plan)` does it and returns a `Result`."""
