"""The vote service for one machine, or for several replicas on PostgreSQL (vote_service.md)."""
