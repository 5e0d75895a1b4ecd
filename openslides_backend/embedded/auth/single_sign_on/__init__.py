"""Single sign-on over OpenID Connect (docs/single_sign_on.md)."""

PATH = "/system/auth/oidc"
"""What all of its routes begin with."""
