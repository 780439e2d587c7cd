"""Listen: what is asked, how it is asked, and how what is told comes in."""
