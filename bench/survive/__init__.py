"""What happens when things break: faults under load, then the books of all sides compared."""
