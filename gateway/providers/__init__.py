"""One file per provider of messages. A provider speaks one wire API and nothing else."""
