"""The target `sandbox`: commands under bubblewrap, which see and change little more than their workspace."""
