"""Pictures for people: charts, contact sheets, drawn frame plans."""
