"""Speed of the cluster edition on a real broker and node, beside bare loops that do the same job."""
