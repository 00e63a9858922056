"""The parts of lab/check: each module has check(run, args), which raises CheckFailed."""
