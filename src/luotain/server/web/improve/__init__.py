"""Pages of improving: actions and their effects, what customers are told of them, goals."""
