"""R11: the worst case that is printed is what a run takes when everything goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.project.graph.worst_case import worst_cases
from runner.project.memory import Recall
from tests.engine.house import House

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_in_which_every_bound_is_used_up_takes_the_calls_of_the_worst_case(tmp_path: Path) -> None:
    """Two turns of each visit, a loop taken twice, three items: at most 12 model calls, and just so many are made."""
    house = House(tmp_path)
    house.write("agents.d/helper.yaml", "description: A.\nprompt: P.\ntools: [green]\nlimits: {turns: 2}\n")
    house.write("replies.yaml", "- {calls: [{tool: green}]}\n- {text: Done.}\n")
    told = house.told(
        """
        work: {agent: helper, message: Work.}
        check: {tool: red, next: [{when: phases.check.ok, to: many}, {to: work, max: 2, exhausted: many}]}
        many: {foreach: {in: "[1, 2, 3]"}, agent: helper, message: "{{ item }}"}
        """
    )
    assert worst_cases(house.load(), Recall())["job"].startswith("at most 12 model calls")
    assert told.state.spent[""].turns == 12


def test_without_a_bound_it_says_why(tmp_path: Path) -> None:
    """A list of unknown length cannot be counted beforehand."""
    house = House(tmp_path)
    house.workflow("many: {foreach: {in: inputs.ids}, agent: helper, message: Hello.}", head="inputs: {ids: [int]}")
    assert (
        worst_cases(house.load(), Recall())["job"]
        == "unbounded because foreach `many` goes over a list of unknown length"
    )
