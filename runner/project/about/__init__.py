"""What a project has, as plain data for people and programs: its agents, tools, workflows and models."""
