"""Imports in two steps, shared by topics, accounts, participants and committees (imports.md).

An import declares its columns (`columns`), derives its first step from `JsonUpload` (`upload`) and its second one from
`ImportAction` (`execution`), and judges its rows (`rows`) by lookups (`lookup`) and the common checks (`checks`).
"""
