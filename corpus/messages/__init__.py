"""Messages for users: codes, the language they are shown in, errors."""
