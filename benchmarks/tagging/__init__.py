"""Speed of the tag stage beside its peers, by the number of names that are looked for, and where its time goes."""
