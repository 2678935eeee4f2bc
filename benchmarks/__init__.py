"""Quality and speed, measured through the product's own path. Nothing imports it."""
