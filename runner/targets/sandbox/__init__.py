"""The target `sandbox`: commands under bubblewrap, which see and change little more than their workspace."""

from runner.targets.sandbox.sandbox import Sandbox
from runner.targets.sandbox.spec import SandboxSpec

__all__ = ["Sandbox", "SandboxSpec"]
