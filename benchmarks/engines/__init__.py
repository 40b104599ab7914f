"""coursetrack on engines that carry it beyond one machine, and what that costs."""
