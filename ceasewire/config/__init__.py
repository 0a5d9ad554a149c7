"""What a user writes in `config/`: YAML text to checked values, with every fault at file and line."""
