"""What handlers find in the application, by typed key."""

from aiohttp import web

from gateway.ledger.database import Database
from gateway.services.addresses import Addresses
from gateway.services.look_up import LookUp
from gateway.services.phone_call import PhoneCall
from gateway.services.receive import Receive
from gateway.services.submit import Submit
from gateway.web.callers import Callers
from gateway.web.pulse import Pulse

DATABASE = web.AppKey("database", Database)
ADDRESSES = web.AppKey("addresses", Addresses)
CALLERS = web.AppKey("callers", Callers)
SUBMIT = web.AppKey("submit", Submit)
LOOK_UP = web.AppKey("look_up", LookUp)
RECEIVE = web.AppKey("receive", Receive)
PHONE_CALL = web.AppKey("phone_call", PhoneCall)
PULSE = web.AppKey("pulse", Pulse)
