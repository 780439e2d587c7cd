"""Words of the templates: the shared components and filters."""
