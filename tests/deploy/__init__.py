"""What an operator is given is checked with the tools that it is made for."""
