"""The explorers, tables and pictures of the chapters: a module a chapter, or a package where one is long.

Sliders stand in the module `moves` of a package; what the charts of many chapters share in `encodings`.
Chapters and notebooks import the chapter's name alone, ``from llma.explorers import cascades``.
"""
