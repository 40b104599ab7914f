"""The naive model: what coursetrack does, said as plainly as possible."""
