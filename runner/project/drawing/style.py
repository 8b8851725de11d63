"""How a picture looks, in light and in dark; a page may say otherwise by the same classes."""

STYLE = """
.workflow-graph{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:11px}
.workflow-graph text{text-anchor:middle;fill:#57606a}
.workflow-graph .name{font-size:13px;font-weight:600;fill:#1f2328}
.workflow-graph .label{fill:#6e7781}
.workflow-graph .rim{fill:#f6f8fa;stroke:#8c959f;stroke-width:1.25}
.workflow-graph .mark{fill:none;stroke:#8c959f}
.workflow-graph .agent>.rim{fill:#ddf4ff;stroke:#0969da}
.workflow-graph .workflow>.rim{fill:#fbefff;stroke:#8250df}
.workflow-graph .approval>.rim,.workflow-graph .wait>.rim{fill:#fff8c5;stroke:#9a6700}
.workflow-graph .parallel>.rim{fill:none;stroke-dasharray:5 4}
.workflow-graph .finally>.rim{stroke-dasharray:5 4}
.workflow-graph .start{fill:#6e7781}
.workflow-graph .end text{font-weight:600}
.workflow-graph .pass>.rim{fill:#dafbe1;stroke:#1a7f37}
.workflow-graph .fail>.rim,.workflow-graph .error>.rim{fill:#ffebe9;stroke:#cf222e}
.workflow-graph .line path{fill:none;stroke:#848d97;stroke-width:1.5}
.workflow-graph .line .arrow{fill:#848d97;stroke:none}
.workflow-graph .errors path{stroke:#cf6a6a;stroke-dasharray:5 4}
.workflow-graph .errors .arrow{fill:#cf6a6a}
.workflow-graph .exhausted path{stroke-dasharray:1.5 3}
@media (prefers-color-scheme:dark){
.workflow-graph text{fill:#9da7b3}
.workflow-graph .name{fill:#e6edf3}
.workflow-graph .label{fill:#848d97}
.workflow-graph .rim{fill:#161b22;stroke:#656c76}
.workflow-graph .mark{stroke:#656c76}
.workflow-graph .agent>.rim{fill:#0c2d4f;stroke:#4493f8}
.workflow-graph .workflow>.rim{fill:#2b1f45;stroke:#ab7df8}
.workflow-graph .approval>.rim,.workflow-graph .wait>.rim{fill:#3a2c08;stroke:#d29922}
.workflow-graph .pass>.rim{fill:#0f3119;stroke:#3fb950}
.workflow-graph .fail>.rim,.workflow-graph .error>.rim{fill:#43171a;stroke:#f85149}
}
"""
