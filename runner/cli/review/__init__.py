"""How differences are shown: for a terminal, as Markdown for a pull request, and as JSON."""
