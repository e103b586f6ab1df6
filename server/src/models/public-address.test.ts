import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { isPublicAddress } from "./public-address.ts"

/** The first and the last address of a range, or some within it. */
const closed: Readonly<Record<string, string>> = {
    "this network": "0.0.0.0 0.1.2.3 0.255.255.255",
    "private, ten": "10.0.0.0 10.0.0.1 10.255.255.255",
    "shared by carriers": "100.64.0.0 100.64.0.1 100.100.1.1 100.127.255.255",
    loopback: "127.0.0.0 127.0.0.1 127.1.2.3 127.255.255.255",
    "link-local": "169.254.0.0 169.254.169.254 169.254.255.255",
    "private, a hundred and seventy-two": "172.16.0.0 172.20.1.1 172.31.255.255",
    protocols: "192.0.0.0 192.0.0.1 192.0.0.8 192.0.0.170 192.0.0.255",
    documentation: "192.0.2.0 192.0.2.255 198.51.100.7 203.0.113.255",
    "relays of 6to4": "192.88.99.0 192.88.99.1",
    "private, a hundred and ninety-two": "192.168.0.0 192.168.1.1 192.168.255.255",
    benchmarks: "198.18.0.0 198.19.255.255",
    groups: "224.0.0.0 224.0.0.1 239.255.255.255",
    "reserved and broadcast": "240.0.0.0 254.1.1.1 255.255.255.255",
    "IPv6: unspecified and loopback": ":: ::1 0:0:0:0:0:0:0:1",
    "IPv6: IPv4 inside":
        "::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:93.184.216.34 ::127.0.0.1 ::93.184.216.34 ::ffff:0:1.1.1.1",
    "IPv6: NAT64": "64:ff9b::7f00:1 64:ff9b::93.184.216.34 64:ff9b:1::1",
    "IPv6: discard": "100:: 100::1",
    "IPv6: Teredo": "2001:: 2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "IPv6: benchmarks and ORCHID": "2001:2::1 2001:10::1 2001:20::1 2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "IPv6: documentation": "2001:db8:: 2001:db8:ffff::1 3fff:: 3fff:fff:ffff::1",
    "IPv6: 6to4": "2002:: 2002:7f00:1::1 2002:5db8:d822::1 2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "IPv6: unique local": "fc00:: fd00::1 fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "IPv6: link-local and site-local": "fe80:: fe80::1 febf::1 fec0::1",
    "IPv6: groups": "ff00:: ff02::1 ff05::2 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "IPv6: segments": "5f00::1",
    "IPv6: given back": "3ffe::1",
    "not given out": "4000::1 1000::1 8000::1",
}
const open =
    "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.216.34 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 " +
    "169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 " +
    "198.17.255.255 198.20.0.0 223.255.255.255 2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111 2a00::1"
const words = (text: string): string[] => text.split(" ")

describe("an address", () => {
    test.each(Object.entries(closed))("is not public: %s", (_, addresses) => {
        expect(words(addresses).filter(isPublicAddress)).toEqual([])
    })

    test("is public beside every range, and nowhere else", () => {
        expect(words(open).filter((item) => !isPublicAddress(item))).toEqual([])
    })

    test.each(
        words(
            "127.1 0x7f000001 2130706433 0177.0.0.1 127.0.0.1. 1.1.1.01 1.1.1.256 1.1.1 fe80::1%eth0 " +
                "[2a00::1] 2a00::1::2",
        ),
    )("is none in another form than the strict one: %s", (text) => {
        expect(isPublicAddress(text)).toBe(false)
    })
})

const octet = fc.nat(255)
const group = fc.nat(0xffff).map((n) => n.toString(16))

test("no address with IPv4 inside is public, whatever is inside", () => {
    fc.assert(
        fc.property(fc.tuple(octet, octet, octet, octet), (parts) => {
            const plain = parts.join(".")
            const hex = `${((parts[0] << 8) | parts[1]).toString(16)}:${((parts[2] << 8) | parts[3]).toString(16)}`
            for (const start of ["::ffff:", "::", "64:ff9b::", "64:ff9b:1::", "::ffff:0:"]) {
                expect(isPublicAddress(start + plain)).toBe(false)
                expect(isPublicAddress(start + hex)).toBe(false)
            }
            expect(isPublicAddress(`2002:${hex}::1`)).toBe(false)
        }),
    )
})

test("of IPv6 only what begins with 2 or 3 is public, and nothing of the ranges that are not", () => {
    fc.assert(
        fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
            const first = Number.parseInt(groups[0] ?? "", 16)
            const mayBe = first >= 0x2000 && first <= 0x3fff
            expect(!isPublicAddress(groups.join(":")) || mayBe).toBe(true)
        }),
    )
})

test("of IPv4 the same is said as by the plain reading of its first two parts", () => {
    fc.assert(
        fc.property(fc.tuple(octet, octet, octet, octet), ([a, b, c, d]) => {
            const closedFirst = a === 0 || a === 10 || a === 127 || a >= 224
            const closedTwo =
                (a === 100 && b >= 64 && b < 128) ||
                (a === 169 && b === 254) ||
                (a === 172 && b >= 16 && b < 32) ||
                (a === 192 && b === 168) ||
                (a === 198 && (b === 18 || b === 19))
            const is = isPublicAddress(`${a}.${b}.${c}.${d}`)
            expect(is && (closedFirst || closedTwo)).toBe(false)
        }),
    )
})
