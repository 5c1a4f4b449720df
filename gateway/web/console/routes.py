"""The pages of the console: this one table. Whatever stands elsewhere is not served."""

from gateway.domain.staff import Permission
from gateway.web.console.page import PUBLIC, UNASKED, page
from gateway.web.console.pages import (
    account,
    acts,
    attention,
    audit,
    counter,
    entrance,
    message,
    messages,
    users,
)
from gateway.web.console.pages.templates.routes import TEMPLATE_PAGES
from gateway.web.console.static_files import show_file

PAGES = [
    page("GET", "/console/", entrance.first_page, needs=Permission.OWN_ACCOUNT),
    page("GET", "/console/sign-in", entrance.show_sign_in, needs=PUBLIC),
    page("POST", "/console/sign-in", entrance.sign_in, needs=PUBLIC),
    page("POST", "/console/sign-out", entrance.sign_out, needs=Permission.OWN_ACCOUNT),
    page("POST", "/console/language", entrance.choose_language, needs=PUBLIC),
    page("GET", "/console/static/{name}", show_file, needs=UNASKED),
    page("GET", "/console/account", account.show_account, needs=Permission.OWN_ACCOUNT),
    page("POST", "/console/account", account.change_password, needs=Permission.OWN_ACCOUNT),
    page("GET", "/console/messages", messages.show_list, needs=Permission.READ_MESSAGES),
    page("POST", "/console/messages", messages.search, needs=Permission.READ_MESSAGES),
    page("GET", "/console/messages/{id}", message.show_one, needs=Permission.READ_MESSAGES),
    page("POST", "/console/messages/{id}/reveal", message.reveal, needs=Permission.READ_MESSAGES),
    page("POST", "/console/messages/{id}/cancel", acts.cancel, needs=Permission.STEER_MESSAGES),
    page("POST", "/console/messages/{id}/resend", acts.resend, needs=Permission.STEER_MESSAGES),
    page("POST", "/console/acts", acts.prepare, needs=Permission.STEER_MESSAGES),
    page("GET", "/console/acts/{id}", acts.show_act, needs=Permission.STEER_MESSAGES),
    page("POST", "/console/acts/{id}/next", acts.proceed, needs=Permission.STEER_MESSAGES),
    page("GET", "/console/attention", attention.show_attention, needs=Permission.READ_MESSAGES),
    page("GET", "/console/counter", counter.show_counter, needs=Permission.ASK_AT_COUNTER),
    page("POST", "/console/counter", counter.ask_at_counter, needs=Permission.ASK_AT_COUNTER),
    page("GET", "/console/users", users.show_users, needs=Permission.MANAGE_USERS),
    page("GET", "/console/users/new", users.show_new, needs=Permission.MANAGE_USERS),
    page("POST", "/console/users/new", users.add, needs=Permission.MANAGE_USERS),
    page("GET", "/console/users/{id}", users.show_user, needs=Permission.MANAGE_USERS),
    page("POST", "/console/users/{id}", users.set_rights, needs=Permission.MANAGE_USERS),
    page("POST", "/console/users/{id}/disable", users.disable, needs=Permission.MANAGE_USERS),
    page("POST", "/console/users/{id}/enable", users.enable, needs=Permission.MANAGE_USERS),
    page("POST", "/console/users/{id}/password", users.reset, needs=Permission.MANAGE_USERS),
    page("GET", "/console/audit", audit.show_audit, needs=Permission.READ_AUDIT),
    *TEMPLATE_PAGES,
]
