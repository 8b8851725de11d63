"""What a server teaches by refusing: a flag of its profile is wrong, and the same request in other words is taken."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runner.errors import ModelFailed
from runner.models.pace import left

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from runner.models.port import Reply, Request
    from runner.models.profile import Profile


@dataclass(frozen=True, slots=True)
class Lesson:
    """The words of a refusal, and what they say of one flag."""

    words: str
    flag: str
    value: Any


class Learning:
    """A profile that is put right by refusals, and stays so as long as the model is open."""

    def __init__(self, profile: Profile, lessons: Sequence[Lesson]) -> None:
        self.profile = profile
        self._lessons = lessons
        self._learned: set[str] = set()

    async def ask(self, request: Request, attempt: Callable[[Request, Profile], Awaitable[Reply]]) -> Reply:
        """The reply of an attempt; one that was refused for a flag is made again at once, in the time that is left."""
        began, given = time.monotonic(), request.deadline
        while True:
            used = self.profile
            try:
                return await attempt(request, used)
            except ModelFailed as fault:
                if not self._learns(fault, used):
                    raise
                request = replace(request, deadline=left(given, time.monotonic() - began))

    def _learns(self, fault: ModelFailed, used: Profile) -> bool:
        """Whether to ask again: something was learned, by this refusal or meanwhile by another call's. Each once."""
        if fault.trouble != "refused":
            return False
        for lesson in self._lessons:
            if not re.search(lesson.words, fault.message, re.IGNORECASE):
                continue
            if getattr(self.profile, lesson.flag) != getattr(used, lesson.flag):
                return True
            if lesson.flag not in self._learned and getattr(used, lesson.flag) != lesson.value:
                self._learned.add(lesson.flag)
                self.profile = used.model_copy(update={lesson.flag: lesson.value})
                return True
        return False
