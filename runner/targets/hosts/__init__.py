"""The target `host`: commands on other machines over SSH, whose keys somebody has trusted."""
