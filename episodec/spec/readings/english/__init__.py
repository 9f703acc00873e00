"""How English narrations are read: numbers, dates, units, abbreviations and signs as words."""
