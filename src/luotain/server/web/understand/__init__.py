"""Pages of understanding: measures, the journey, and how far the programmes' asking got."""
