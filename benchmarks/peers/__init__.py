"""The engines that the query benchmark asks: coursetrack and its peers, one module each."""
