"""The sample day: a local server plays invented feeds, a local receiver shows each alert, the same runtime between."""
