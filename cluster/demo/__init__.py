"""The sample day on real processes over a real broker and node, two of them killed in the middle."""
