"""What is wrong between files that can each be read: a check is a function that yields Findings."""
