"""What is done: read rows, ask the core once, write rows, in one transaction."""
