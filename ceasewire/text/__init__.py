"""Text as the tagger and the search read it: folded, split into sentences, freed of web noise, its language known."""
