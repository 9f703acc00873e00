"""Pictures for people: charts, contact sheets, a drawn frame plan."""
