"""Language: a leaf below all rooms: tokens, language, plain words."""
