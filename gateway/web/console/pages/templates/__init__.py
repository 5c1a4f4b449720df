"""The pages of the template desk: the list, the editor, the review before a release, versions."""
