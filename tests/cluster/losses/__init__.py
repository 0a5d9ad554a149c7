"""A cluster of real processes under load whose processes and services are killed, and who lost what, by sets of ids."""
