"""Items to tagged items: one scan over everything that is looked for, then patterns, names, conflict and rules."""
