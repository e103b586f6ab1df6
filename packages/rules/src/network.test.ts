import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { addressOf, callerNetworkOf, contains, hasHostBits, networkOf, sourceNetworkOf } from "./network.ts"

test.each([
    ["10.0.0.1", true],
    ["255.255.255.255", true],
    ["256.0.0.1", false],
    ["10.0.0", false],
    ["10.0.0.01", false],
    ["0x7f.0.0.1", false],
    ["::", true],
    ["::1", true],
    ["2001:db8::8:800:200c:417a", true],
    ["2001:DB8:0:0:8:800:200C:417A", true],
    ["::ffff:10.0.0.1", true],
    ["1:2:3:4:5:6:7", false],
    ["1:2:3:4:5:6:7:8:9", false],
    ["1::2::3", false],
    ["1:2:3:4:5:6:7::8", false],
    [":::", false],
    ["12345::", false],
    ["fe80::1%eth0", false],
    ["", false],
])("`%s` is an address: %s", (text, expected) => {
    expect(addressOf(text) !== null).toBe(expected)
})

test.each([
    ["10.0.0.0/8", true],
    ["10.0.0.0/33", false],
    ["10.0.0.0/08", false],
    ["10.0.0.0/", false],
    ["10.0.0.0/8/8", false],
    ["::/0", true],
    ["::/129", false],
    ["10.0.0.1", true],
])("`%s` is a network: %s", (text, expected) => {
    expect(networkOf(text) !== null).toBe(expected)
})

describe("a network", () => {
    const octet = fc.nat(255)
    const address = fc.tuple(octet, octet, octet, octet).map((list) => list.join("."))

    test("contains addresses with its leading bits, compared bit by bit", () => {
        const bitsOf = (text: string) =>
            text
                .split(".")
                .map((item) => Number(item).toString(2).padStart(8, "0"))
                .join("")
        fc.assert(
            fc.property(address, address, fc.nat(32), (item, other, bits) => {
                const network = networkOf(`${item}/${bits}`)
                const address = addressOf(other)
                if (network === null || address === null) throw new Error("these are addresses")
                expect(contains(network, address)).toBe(bitsOf(item).slice(0, bits) === bitsOf(other).slice(0, bits))
                expect(hasHostBits(network)).toBe(bitsOf(item).slice(bits).includes("1"))
            }),
        )
    })

    test("contains no address of another version", () => {
        const [network, item] = [networkOf("::/0"), addressOf("10.0.0.1")]
        expect(network !== null && item !== null && contains(network, item)).toBe(false)
    })
})

test.each([
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["192.0.2.1:4711", "192.0.2.1:4712", true],
    ["192.0.2.1", "::ffff:192.0.2.1", true],
    ["192.0.2.1", "::ffff:c000:201", true],
    ["192.0.2.1", "[::ffff:192.0.2.1]:443", true],
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true],
    ["2001:db8:1:2::1", "[2001:db8:1:2::9]:4711", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["fe80::1%eth0", "fe80::2%eth1", true],
    ["unknown", "no address", true],
    ["192.0.2.1", "unknown", false],
    // IPv4 octets are invalid in an IPv6 address with another prefix.
    ["::192.0.2.1", "::192.0.2.9", true],
    ["0.0.0.0", "::", false],
])("%s and %s are the same caller: %s", (a, b, expected) => {
    expect(callerNetworkOf(a) === callerNetworkOf(b)).toBe(expected)
})

test.each([
    ["192.0.2.1", "192.0.2.200", true],
    ["::ffff:c000:201", "192.0.2.9", true],
    ["[2001:db8:1::1]:53", "2001:db8:1:2::9", true],
    ["192.0.2.1", "192.0.3.1", false],
    ["::ffff:192.0.2.1", "192.0.2.9", true],
    ["2001:db8:1::1", "2001:db8:1:2::9", true],
    ["2001:db8:1::1", "2001:db8:2::1", false],
    ["", "no address", true],
])("%s and %s are in the same network: %s", (a, b, expected) => {
    expect(sourceNetworkOf(a) === sourceNetworkOf(b)).toBe(expected)
})
