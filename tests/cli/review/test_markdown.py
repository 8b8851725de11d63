"""The comment of a pull request: nothing that a file says leaves the code it stands in."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from runner.cli.review.markdown import MOST, code, markdown, problems
from runner.project.compare import Change, Comparison, FileChange, GraphChange, TextChange

EVIL = [
    "@everyone",
    "`@everyone`",
    "``` \n@everyone\n```\n@everyone",
    "````\n</details>\n@everyone",
    "</details><script>alert(1)</script>",
    "[x](https://example.org) ![y](https://example.org/z.png)",
    "\n\n# Approved\n",
    "| a | b |\r\n<!-- ",
    "~~~\n@everyone",
    "a\u2028# b\u202e",
    "`",
    "",
]
CODE = ("code_inline", "fence")
PARTS = ("Prompts", "Workflows", "Other words and settings", "Files")
OURS = {
    "html_block <!-- runner diff -->",
    "html_block </details>",
    *(f"html_block <details><summary>{part} (1)</summary>" for part in PARTS),
    "text Behaviour:",
    "text →",
    "text The files have problems; nothing can be compared.",
    "text Gained: can do more",
    "text Lost: can do less",
    "text (1)",
    "text :",
    "text system prompt of",
    "text worst case:",
    "text → none",
}


def comparison(text: str) -> Comparison:
    """One that holds a text wherever files can put theirs."""
    change = Change("gained", text, text, text, [text, {text: text}])
    return Comparison(
        capabilities=(change, Change("lost", text, "", {text: text * 30}, None)),
        prompts=(TextChange("system", (text,), f"x\n{text}\ny", f"{text}\n{text}"),),
        graphs=(GraphChange(text, "changed", (change,), (text, None)),),
        others=(change,),
        files=(FileChange(text, "added"),),
    )


@pytest.mark.parametrize("text", EVIL)
def test_what_files_say_stays_in_code(text: str) -> None:
    """A reader of Markdown finds only our own words outside of code, and only our own frames."""
    assert set(outside(markdown(comparison(text), text, text))) <= OURS


@pytest.mark.parametrize("text", EVIL)
def test_problems_stay_in_code_too(text: str) -> None:
    """Also in the lines that stand for a comparison."""
    line = text.replace("\n", " ")
    assert set(outside(problems([line, line], text, text))) <= OURS


def outside(text: str) -> list[str]:
    """Kind and content of all that is no code, each once, as CommonMark reads it."""
    found: dict[str, None] = {}
    for block in MarkdownIt("commonmark").parse(text):
        for token in block.children or [block]:
            if token.type not in CODE and token.content.strip():
                found[f"{token.type} {token.content.strip()}"] = None
            if token.type in ("link_open", "image"):
                found[f"{token.type} {token.attrs}"] = None
    return sorted(found)


@pytest.mark.parametrize("text", ["x", "`", "``", "a`b", " ", "", "``a`", "`a", "@all"])
def test_code_is_one_span_that_holds_the_text(text: str) -> None:
    """Between more backticks than the text has in a row."""
    (paragraph,) = [token for token in MarkdownIt("commonmark").parse(code(text)) if token.type == "inline"]
    (span,) = paragraph.children or []
    assert (span.type, span.content.strip()) == ("code_inline", text.strip())


def test_a_comment_is_never_too_long_for_a_host() -> None:
    """Texts are cut first, and that is said."""
    long = "\n".join(f"line {number}" for number in range(20_000))
    text = markdown(
        Comparison(
            (Change("gained", "tool x", "", None, "y"),), (TextChange("system", ("agent a",), "", long),), (), (), ()
        ),
        "a",
        "b",
    )
    assert len(text) < MOST
    assert ("… 19981 more lines" in text, "tool x" in text) == (True, True)


def test_a_comparison_that_is_too_long_without_its_texts_is_counted() -> None:
    """Who changes enough, or one value that is long enough, must not keep the comment from being written."""
    many = tuple(Change("gained", f"tool t{number}", "command", "ls", "rm" * 30) for number in range(2000))
    text = markdown(Comparison(many, (), (), (), (FileChange("x", "added"),)), "a", "b")
    assert "- Gained: can do more (2000)" in text
    assert "- Files (1)" in text
    assert "Too much differs for a comment" in text
    long = markdown(Comparison((Change("lost", "tool x", "", "y" * MOST, None),), (), (), (), ()), "a", "b")
    assert "- Lost: can do less (1)" in long


def test_problems_are_never_too_long_for_a_host() -> None:
    """The first of them, the beginning of each."""
    text = problems((f"{number} {'x' * 1000}" for number in range(5000)), "a", "b")
    assert len(text) < MOST
    assert "… 4900 more lines" in text


def test_nothing_is_said_to_be_nothing() -> None:
    """One line."""
    assert markdown(Comparison((), (), (), (), ()), "a", "b").endswith("Nothing differs.")
