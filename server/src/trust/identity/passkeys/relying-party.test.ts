/** Tests which origins can have passkeys. */
import { expect, test } from "vitest"
import { relyingPartyOf } from "./relying-party.ts"

test.each([
    ["https://console.example.org", "console.example.org"],
    ["https://console.example.org:8443", "console.example.org"],
    ["http://localhost:7000", "localhost"],
    ["http://console.localhost:7000", "console.localhost"],
    ["http://console.example.org", null],
    ["https://192.0.2.1", null],
    ["https://[2001:db8::1]", null],
    ["http://127.0.0.1:7000", null],
    ["", null],
])("%s has the relying party %s", (origin, id) => {
    expect(relyingPartyOf(origin)?.id ?? null).toBe(id)
})
