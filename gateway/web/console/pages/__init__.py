"""What each page of the console shows and does; one module per area."""
