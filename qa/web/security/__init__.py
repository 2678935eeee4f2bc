"""Who may ask what: the guard, accounts, the private temporary folder."""
