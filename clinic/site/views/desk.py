"""The manager's pages: the site's texts, their history, and what visitors see of them."""
