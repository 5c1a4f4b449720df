"""The template desk: what staff do with the texts that citizens are sent."""
