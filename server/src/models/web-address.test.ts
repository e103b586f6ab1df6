import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { isPublicAddress } from "./public-address.ts"
import { readWebAddress } from "./web-address.ts"

describe("an address to call", () => {
    test.each([
        ["https://hooks.partner.example/tocsin?a=b", "hooks.partner.example", "/tocsin?a=b"],
        ["https://hooks.partner.example", "hooks.partner.example", "/"],
        ["HTTPS://Hooks.Partner.EXAMPLE:443/x", "hooks.partner.example", "/x"],
        ["https://bücher.example/x", "xn--bcher-kva.example", "/x"],
        ["https://1.1.1.1/x", "1.1.1.1", "/x"],
        ["https://0x01010101/x", "1.1.1.1", "/x"],
        ["https://[2606:4700::1111]/x", "2606:4700::1111", "/x"],
        ["https://a.example/x@y", "a.example", "/x@y"],
        ["https://a.example/../b/./c", "a.example", "/b/c"],
    ])("is read in its one form: %s", (text, host, path) => {
        expect(readWebAddress(text)).toMatchObject({ host, path })
    })

    test.each([
        "http://a.example",
        "ftp://a.example",
        "file:///etc/passwd",
        "gopher://a.example",
        "//a.example",
        "a.example",

        "",
        "https:",
        "https://",
        "https:///a.example",
        "https:a.example",
        "https:/a.example",
        "https:\\\\a.example",
        "https://127.0.0.1",
        "https://127.1",
        "https://0x7f000001",
        "https://2130706433",
        "https://0177.0.0.1",

        "https://0x7f.1",
        "https://127.0.0.1.",
        "https://①②⑦.0.0.1",
        "https://１２７.0.0.1",
        "https://127。0。0。1",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://[::ffff:7f00:1]",
        "https://[64:ff9b::7f00:1]",
        "https://[2002:7f00:1::]",
        "https://[2001::1]",
        "https://[fd00::1]",
        "https://[fe80::1]",
        "https://[::]",

        "https://[fe80::1%25eth0]",
        "https://169.254.169.254",
        "https://100.64.0.1",
        "https://0",
        "https://0.0.0.0",

        "https://10.0.0.1",
        "https://192.168.1.1",
        "https://172.16.0.1",
        "https://255.255.255.255",
        "https://224.0.0.1",
        "https://localhost",
        "https://localhost.",
        "https://a.localhost",
        "https://LOCALHOST",
        "https://ⓛocalhost",
        "https://router.local",
        "https://metadata.google.internal",
        "https://x.home.arpa",
        "https://x.onion",
        "https://intranet",
        "https://a.example.",
        "https://a..example",
        "https://.example",
        "https://-a.example",
        "https://user:pw@a.example",
        "https://user@a.example",
        "https://@a.example",
        "https://:@a.example",
        "https://a.example@127.0.0.1",
        "https://a.example:22",
        "https://a.example:5432",
        "https://a.example:80",

        "https://a.example:8443",
        "https://a.example:0",
        "https://a.example#b",
        "https://a.example/#",
        "https://a.example/x#y",

        "https://a.example /x",
        " https://a.example",
        "https://a.example\n",
        "https://a.exa\tmple",
        "https://a.example\r\nx: y",

        "https://a.example\\@127.0.0.1",
        "https://a.example/\u0000",
        "https://a.example/\u202E",
        "https://a%00.example",
        "https://%6c%6f%63%61%6c%68%6f%73%74",
        "https://a.1",
        `https://a.example/${"x".repeat(500)}`,

        `https://${"a".repeat(64)}.example`,
        `https://${"a.".repeat(130)}example`,
        `https://a.example/${"é".repeat(200)}`,
    ])("G-04 is refused: %j", (text) => {
        expect(readWebAddress(text)).toBeNull()
    })
})

const number = fc.nat(0xffffffff)
const written = fc.constantFrom<(n: number) => string>(
    (n) => String(n),
    (n) => `0x${n.toString(16)}`,
    (n) => `0${n.toString(8)}`,
    (n) => `${n >>> 24}.${n & 0xffffff}`,
    (n) => `0x${(n >>> 24).toString(16)}.${(n >>> 16) & 255}.${n & 0xffff}`,
    (n) => `[::ffff:${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}]`,
    (n) => `[64:ff9b::${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}]`,
)

test("G-04 however an address is written, it is read as what it is, or not at all", () => {
    fc.assert(
        fc.property(number, written, (n, write) => {
            const plain = [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join(".")
            const read = readWebAddress(`https://${write(n)}/`)
            const wanted = isPublicAddress(plain) && !write(n).startsWith("[") ? plain : null
            expect(read?.host ?? null).toBe(wanted)
        }),
    )
})

test("what was read is read the same again", () => {
    fc.assert(
        fc.property(fc.webUrl({ validSchemes: ["https"], withQueryParameters: true }), (text) => {
            const read = readWebAddress(text)
            expect(read === null ? null : readWebAddress(read.href)).toEqual(read)
        }),
    )
})
