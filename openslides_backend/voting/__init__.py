"""The rules of ballots and voters, shared by the vote service and the actions: pure functions of stored models."""
