"""May this call happen: rules for tool calls, and what a free command line can do by the words that it has."""

from runner.policy.commands import Assessment, risk_of
from runner.policy.places import Place
from runner.policy.rules import Action, Answer, Explained, Judgement, Rule, Subject, deciding, explain, judge, strictest
from runner.policy.spec import RISKS, CommandPolicy

__all__ = [
    "RISKS",
    "Action",
    "Answer",
    "Assessment",
    "CommandPolicy",
    "Explained",
    "Judgement",
    "Place",
    "Rule",
    "Subject",
    "deciding",
    "explain",
    "judge",
    "risk_of",
    "strictest",
]
