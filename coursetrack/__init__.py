"""coursetrack: events in, completed lessons out, and every list query about them answered."""
