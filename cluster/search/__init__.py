"""What the desk and the command line read, from Elasticsearch: the ports of `ceasewire.ports` over its indices."""
