"""Two flows that ask for digits: one calculates with the answer, one looks it up. With them events are measured."""

from __future__ import annotations

from benchmarks.menus import DESK, FROM, keys

_HEAD = f"""\
param desk: phone = "+{DESK}"

default talk en-GB style: 2
default connect from: "+{FROM}"

fallback colleague
"""
_TAIL = """
step colleague {
    connect phone desk
}
"""
VALUES = f"""\
flow "Water"

{_HEAD}
step start {{
    talk "Welcome to the water company."
    set price = 3
    set paid = 2
    set count = 0
    goto reading
}}

step reading {{
    ask cubes "Please key in the three digits of your meter." digits: 3 {{
        otherwise, silence -> retry "That was not a reading of three digits."
        give_up            -> colleague
    }}
    set count = count + 1
    set is_round = cubes in ["100", "200", "300"]
    set size = length(cubes)
    set cost = price * count + size
    set open = cost - paid
    set tax = open / 4
    set is_high = tax > 1.5 and not is_round
    set number = default(call.from, "withheld")
    set is_ours = number matches "316*"
    if is_high or is_ours {{
        talk "Reading {{count}}: {{open}} euros are open, {{tax}} of them are taxes."
    }}
    goto reading
}}
{_TAIL}"""
"""The event of a good answer evaluates ten expressions, and speaks three of the values."""

SHOP = "http://127.0.0.1:1"
"""What the flow has in place of the address of the server that is looked up."""
LOOKUPS = f"""\
flow "Bakery"

param shop: url = "{SHOP}"
{_HEAD}
step start {{
    talk "Welcome to the bakery."
    goto ask_number
}}

step ask_number {{
    ask number "Please key in the six digits of your order." digits: 6 {{
        otherwise, silence -> retry "An order has six digits."
        give_up            -> colleague
    }}
    fetch "{{shop}}/orders/{{number}}" into: order {{
        404       -> retry number "I do not know that order."
        otherwise -> colleague
    }}
    talk "Your order is {{order.state}}."
    goto ask_number
}}
{_TAIL}"""
ORDERS = {"123456": {"state": "ready"}, "200015": {"state": "baking", "minutes": 15}}
"""What the server that is looked up knows."""

VALUES_WAYS = ((keys("123"),), (keys("200"),), (keys("123"), keys("100")), (keys("12"), keys("123")))
VALUES_ENDINGS = ((keys("12"), keys(""), keys("1")),)
LOOKUP_WAYS = ((keys("123456"),), (keys("200015"),), (keys("123456"), keys("200015")), (keys("12"), keys("123456")))
LOOKUP_ENDINGS = ((keys("999999"), keys("12"), keys("999999")),)
