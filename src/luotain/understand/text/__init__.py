"""What a text says: tone, emotions, causes, topics."""
