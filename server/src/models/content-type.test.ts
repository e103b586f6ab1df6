import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { tarOf, zipOf } from "../../../test/support/archives.ts"
import { detectContent, decodeText } from "./content-type.ts"

const run = (bytes: Uint8Array): string => {
    const { kind, format } = detectContent(bytes)
    return format === null ? kind : `${kind} ${format}`
}
const hex = (digits: string) => Buffer.from(digits, "hex")
const utf16be = (text: string) => Buffer.concat([hex("feff"), Buffer.from(text, "utf16le").swap16()])
const utf16le = (text: string) => Buffer.concat([hex("fffe"), Buffer.from(text, "utf16le")])

describe("what bytes are is told by looking at them", () => {
    test.each([
        ["a text", Buffer.from("grüezi"), "text utf-8"],
        ["a rule", Buffer.from("rule a { condition: true }"), "text utf-8"],
        ["an address", Buffer.from("https://paste.example/a1"), "text utf-8"],
        ["a text that begins as an archive does", Buffer.from("PK is what it begins with"), "text utf-8"],
        ["a text that begins as an image does", Buffer.from("GIF89a is what it begins with"), "text utf-8"],
        ["a text of Windows", utf16le("grüezi"), "text utf-16le"],
        ["the same the other way round", utf16be("grüezi"), "text utf-16be"],
        ["UTF-16 that is cut in a letter", utf16le("grüezi").subarray(0, 7), "binary"],
        ["Latin-1", Buffer.from("grüezi mitenand", "latin1"), "text windows-1252"],
        ["quotes of Windows", Buffer.from([0x93, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x94]), "text windows-1252"],
        ["mostly other bytes than letters", hex("61c3e4e5e6e7"), "binary"],
        ["a byte that no letter stands for", Buffer.concat([Buffer.from("many letters"), hex("81")]), "binary"],
        ["UTF-8 that is cut in a letter", Buffer.from("grüezi mitenand, söl").subarray(0, -2), "text utf-8"],
        [
            "UTF-8 of few ASCII letters that is cut at both ends",
            Buffer.from("本日は晴天").subarray(1, -1),
            "text utf-8",
        ],
        ["a text of ASCII that is cut in a letter no other encoding has", hex("6162e28d"), "text utf-8"],
        ["a part of one letter", hex("e282"), "binary"],
        ["more than the rest of one letter before a text", hex("80808080c3a4616263"), "binary"],
        ["letters that are broken in the middle", hex("e69ce697a5e69cac"), "binary"],
        ["a text with a NUL", Buffer.from("a\0b"), "binary"],
        ["a program", hex("7f454c460200"), "binary"],
        ["a zip", zipOf([{ name: "a", content: "a" }]), "archive zip"],
        ["an empty zip", zipOf([]), "archive zip"],
        ["a tar", tarOf([{ name: "a", content: "a" }]), "archive tar"],
        ["zeros", Buffer.alloc(2048), "binary"],
        ["gzip", hex("1f8b0800"), "archive gzip"],
        ["7z", hex("377abcaf271c00"), "archive 7z"],
        ["png", hex("89504e470d0a1a0a00"), "image png"],
        ["jpeg", hex("ffd8ffe000"), "image jpeg"],
        ["gif", hex("47494638396101000100"), "image gif"],
        ["webp", Buffer.concat([Buffer.from("RIFF"), hex("ffffff00"), Buffer.from("WEBPVP8 ")]), "image webp"],
        ["pdf, of ASCII too", Buffer.from("%PDF-1.4\n% all of it ASCII"), "document pdf"],
    ])("%s", (_, bytes, expected) => {
        expect(run(bytes)).toBe(expected)
    })

    test("a text comes back as it was written, in every encoding", () => {
        const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((item) => !/\0/.test(item))
        fc.assert(
            fc.property(text, (item) => {
                expect(decodeText(utf16le(item))).toBe(`\u{FEFF}${item}`)
                expect(decodeText(utf16be(item))).toBe(`\u{FEFF}${item}`)
            }),
        )
    })

    test("UTF-8 that is cut anywhere is read, but for the letter that was cut", () => {
        const text = "日本語のテキスト、😀と ü."
        const bytes = Buffer.from(text)
        for (let from = 0; from < bytes.length - 8; from++) {
            for (let to = from + 8; to <= bytes.length; to++) {
                const read = decodeText(bytes.subarray(from, to)) ?? "nothing"
                expect(text).toContain(read)
                expect(Buffer.from(read).length).toBeGreaterThan(to - from - 7)
            }
        }
    })

    test("of Windows-1252 each letter stands for one byte, and is read as no other", () => {
        const letters = Array.from({ length: 128 }, (_, i) => 0x80 + i)
        const read = letters.map((byte) => decodeText(Buffer.concat([Buffer.from("abc"), Buffer.from([byte])])))
        const texts = read.filter((item) => item !== null)
        expect(texts).toHaveLength(128 - 5)
        expect(new Set(texts).size).toBe(texts.length)
    })

    test("whatever bytes there are, they are something", () => {
        fc.assert(
            fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
                const { kind } = detectContent(bytes)
                expect(decodeText(bytes) !== null).toBe(kind === "text")
            }),
        )
    })
})
