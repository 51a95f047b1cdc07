"""Reviews of a stack: one preview, its plan and its verdicts, as reports."""
