"""The pages of the desk, as rows of the console's table."""

from gateway.domain.staff import Permission
from gateway.web.console.page import page
from gateway.web.console.pages.templates import editor, listing, review, seeing, versions

_READ, _EDIT = Permission.READ_TEMPLATES, Permission.EDIT_TEMPLATES
_RELEASE = Permission.RELEASE_TEMPLATES
_ONE = "/console/templates/{template}"

TEMPLATE_PAGES = [
    page("GET", "/console/templates", listing.show_list, needs=_READ),
    page("GET", "/console/templates-to-release", listing.show_queue, needs=_READ),
    page("GET", _ONE, editor.show, needs=_READ),
    page("POST", _ONE, editor.save, needs=_EDIT),
    page("POST", f"{_ONE}/preview", seeing.preview, needs=_READ),
    page("POST", f"{_ONE}/speech", seeing.speak, needs=_READ),
    page("POST", f"{_ONE}/drop", editor.drop, needs=_EDIT),
    page("POST", f"{_ONE}/give-up", editor.give_up, needs=_EDIT),
    page("POST", f"{_ONE}/specimen", seeing.send_specimen, needs=_EDIT),
    page("GET", f"{_ONE}/review", review.show, needs=_READ),
    page("POST", f"{_ONE}/ask", review.ask, needs=_EDIT),
    page("POST", f"{_ONE}/send-back", review.send_back, needs=_RELEASE),
    page("POST", f"{_ONE}/release", review.release, needs=_RELEASE),
    page("GET", f"{_ONE}/versions", versions.show, needs=_READ),
    page("POST", f"{_ONE}/back", versions.bring_back, needs=_EDIT),
    page("POST", f"{_ONE}/go-back", versions.go_back, needs=_RELEASE),
]
