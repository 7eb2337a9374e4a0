"""The explorers, tables and pictures of the chapters: a module a chapter, or a package where one is long.

Sliders stand in the module `moves` of a package. What many chapters share: the encodings of charts in
`encodings`, symmetric and Gaussian readings in `readings`.
Chapters and notebooks import the chapter's name alone, ``from llma.explorers import cascades``.
"""
