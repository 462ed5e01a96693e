"""Make the documentation site: `python -m sphinx -W -c docs . docs/_build`, from the root of the repository.

Pages are Markdown that a code host shows as well; so the source is the repository, with README and changelog as pages.
"""

import sim

project = "Target simulator"
author = "the maintainers of Target simulator"
release = version = sim.__version__
root_doc = "docs/index"
include_patterns = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/*.md"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]

myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 3  # the anchors of code hosts
myst_links_external_new_tab = False

autodoc_typehints = "none"  # numpydoc's Parameters tell them in words
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "furo"
html_title = f"Target simulator {release}"
html_static_path: list[str] = []
html_show_copyright = False
