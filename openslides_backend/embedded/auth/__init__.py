"""The auth service for one machine (auth.md): logins, sessions, password-reset tokens."""
