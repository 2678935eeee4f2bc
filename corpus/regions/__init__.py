"""Names -> regions."""
