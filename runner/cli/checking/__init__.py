"""What `runner check` prints for programs, and the pages that explain its codes."""
