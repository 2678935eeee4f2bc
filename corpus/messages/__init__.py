"""Messages for people: language and errors."""
