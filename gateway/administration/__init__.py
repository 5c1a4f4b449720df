"""What administrators do by the commands, each time with a connection of its own."""
