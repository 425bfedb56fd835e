"""What the quick tests are worth: how many of 40 small faults in the engine they find."""
