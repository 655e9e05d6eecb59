"""Clients of the providers' APIs: typed requests and responses, authentication, and errors for each status.

`provider.Provider` defines what a client can do, `types` its arguments and results, `errors` its exceptions. With
`ncco emulate` running, this makes an application and places a call:

    from ncco_lang import ApiError, VonageClient, compile_text
    from ncco_lang.api import emulated
    from ncco_lang.api.types import Endpoint, NewCall, Settings
    from ncco_lang.tokens.keys import make_key_pair

    keys = make_key_pair()
    with VonageClient(
        api_key=emulated.API_KEY,
        api_secret=emulated.API_SECRET,
        key_of=lambda application_id: keys.private,
        address=emulated.ADDRESS,
        numbers_address=emulated.ADDRESS,
    ) as client:
        try:
            events = f"{emulated.ADDRESS}/webhooks/event"
            shop = client.create_application(Settings(name="Shop", public_key=keys.public, event_url=events))
            telephone = Endpoint(type="phone", address="447700900001")
            hello = compile_text('talk "Hello."').ncco
            placed = client.create_call(shop.id, NewCall(to=telephone, from_number=emulated.NUMBERS[0], ncco=hello))
            for call in client.list_calls(shop.id):
                print(call.uuid == placed.uuid, call.direction)
        except ApiError as failed:
            print(failed)

At Vonage itself, omit `address` and `numbers_address`, and use the key and the secret of the account.
"""
