"""Polls with their options, lists of candidates and votes (poll.md, poll_vote.md, option_vote.md)."""
