"""The public site's pages, and the manager's pages about its texts."""

from clinic.site.views import desk, machines, public
from clinic.site.views.blueprint import blueprint
from clinic.site.views.public import site_facts

__all__ = ["blueprint", "desk", "machines", "public", "site_facts"]
