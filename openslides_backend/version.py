"""The version of the service, as its version routes tell it."""

VERSION = "4.0.0"
