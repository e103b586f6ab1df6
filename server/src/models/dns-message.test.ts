import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Zone, answerTo, truncatedAnswer, labelBelowZone, readQuery } from "./dns-message.ts"

const zone: Zone = {
    labels: ["canary", "example"],
    ipv4: Uint8Array.of(192, 0, 2, 7),
    ipv6: Uint8Array.from([0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 7]),
}
const types: Readonly<Record<string, number>> = { A: 1, NS: 2, SOA: 6, TXT: 16, AAAA: 28, AXFR: 252, ANY: 255 }

function questionFor(name: string, type = "A", { kind = 1, opcode = 0, more = [] as number[] } = {}): Uint8Array {
    const labels = name === "." ? [] : name.split(".")
    const bytes = labels.flatMap((label) => [label.length, ...Buffer.from(label, "latin1")])
    const header = [0xab, 0xcd, (opcode << 3) | 1, 0x20, 0, 1, 0, 0, 0, 0, 0, more.length > 0 ? 1 : 0]
    return Uint8Array.from([...header, ...bytes, 0, 0, types[type] ?? 0, 0, kind, ...more])
}

/** What is said, in one line: code, flags, and what is answered. */
function said(packet: Uint8Array): string {
    const query = readQuery(packet)
    if (query === null) return "nothing"
    const answer = Buffer.from(answerTo(packet, query, zone))
    expect(answer.subarray(0, 2)).toEqual(Buffer.from(packet.subarray(0, 2)))
    expect(answer[2]).toSatisfy((flags: number) => (flags & 0x80) !== 0)
    expect((answer[3] ?? 0) & 0x80).toBe(0)
    const code = ["NOERROR", "FORMERR", "", "", "NOTIMP", "REFUSED"][(answer[3] ?? 0) & 15]
    const [answers, authorities] = [answer.readUInt16BE(6), answer.readUInt16BE(8)]
    const from = query.question?.end ?? 12
    const type = answers + authorities === 0 ? 0 : answer.readUInt16BE(from + 2)
    const name = Object.entries(types).find(([, number]) => number === type)?.[0]
    const data = answers === 1 && (type === 1 || type === 28) ? ` ${answer.subarray(from + 12).toString("hex")}` : ""
    return `${code}${answers === 1 ? ` ${name}${data}` : ""}${authorities === 1 ? ` none, ${name}` : ""}`
}

const label = "abcdefghijklmnop2345"

describe("one zone, in which every name is the same", () => {
    test.each([
        ["a name", questionFor(`${label}.canary.example`), "NOERROR A c0000207"],
        ["one that nobody was given", questionFor("x.canary.example"), "NOERROR A c0000207"],
        ["deeper down", questionFor(`www.${label}.canary.example`), "NOERROR A c0000207"],
        ["in other letters", questionFor(`${label.toUpperCase()}.CaNaRy.eXample`), "NOERROR A c0000207"],
        ["by IPv6", questionFor(`${label}.canary.example`, "AAAA"), "NOERROR AAAA 20010db8000000000000000000000007"],
        ["what there is none of", questionFor(`${label}.canary.example`, "TXT"), "NOERROR none, SOA"],
        ["everything", questionFor(`${label}.canary.example`, "ANY"), "NOERROR none, SOA"],
        ["the zone's servers", questionFor("canary.example", "NS"), "NOERROR NS"],
        ["the zone's own", questionFor("canary.example", "SOA"), "NOERROR SOA"],
        ["the whole zone", questionFor("canary.example", "AXFR"), "NOERROR none, SOA"],
        [
            "with extensions",
            questionFor("a.canary.example", "A", { more: [0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0] }),
            "NOERROR A c0000207",
        ],
        ["another zone", questionFor("www.example.org"), "REFUSED"],
        ["what only ends alike", questionFor("notcanary.example"), "REFUSED"],
        ["the root", questionFor(".", "NS"), "REFUSED"],
        ["another class", questionFor("a.canary.example", "TXT", { kind: 3 }), "REFUSED"],
        ["an update", questionFor("canary.example", "SOA", { opcode: 5 }), "NOTIMP"],
        ["no question", Uint8Array.of(0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0), "FORMERR"],
        ["two questions", Uint8Array.of(0, 1, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1), "FORMERR"],
        [
            "a name that points to itself",
            Uint8Array.of(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1),
            "FORMERR",
        ],
        ["one that ends in the middle", questionFor(`${label}.canary.example`).subarray(0, 40), "FORMERR"],
        ["a name that is too long", questionFor(`${"a.".repeat(130)}canary.example`), "FORMERR"],
        ["an answer", Uint8Array.of(0, 1, 0x81, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1), "nothing"],
        ["too little", Uint8Array.of(0, 1, 1), "nothing"],
    ])("%s", (_, packet, expected) => {
        expect(said(packet)).toBe(expected)
    })

    test("has a name right below it", () => {
        const names = ["canary.example", "a.canary.example", "b.a.canary.example", "a.example"].map((name) => {
            const question = readQuery(questionFor(name))?.question
            return question && labelBelowZone(question, zone)
        })
        expect(names).toEqual([null, "a", "a", null])
    })
})

describe("whatever the bytes are", () => {
    const mutated = fc
        .tuple(
            fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 8 }),
            fc.nat(70),
            fc.constantFrom(...Object.keys(types)),
        )
        .map(([changes, length, type]) => {
            const packet = Uint8Array.from(questionFor(`${label}.canary.example`, type))
            for (const [place, byte] of changes) packet[place % packet.length] = byte
            return packet.subarray(0, Math.max(12, length))
        })
    const anything = fc.oneof(fc.uint8Array({ maxLength: 600 }), mutated)

    test("nothing throws, no answer is much longer than what was asked, and none is an answer to an answer", () => {
        fc.assert(
            fc.property(anything, (packet) => {
                const query = readQuery(packet)
                const answers = query === null ? [] : [answerTo(packet, query, zone), truncatedAnswer(packet, query)]
                for (const answer of answers) {
                    expect(answer.length).toBeLessThanOrEqual(packet.length + 40)
                    expect(answer.length).toBeLessThanOrEqual(512)
                    expect(readQuery(answer)).toBe(null)
                }
            }),
        )
    })

    test("names of all forms are read as they were written", () => {
        const labels = fc.array(fc.stringMatching(/^[a-z0-9_-]{1,20}$/), { minLength: 1, maxLength: 6 })
        fc.assert(
            fc.property(labels, (list) => {
                expect(readQuery(questionFor(list.join(".")))?.question?.labels).toEqual(list)
            }),
        )
    })

    test("being asked to come by TCP has no address in it", () => {
        const packet = questionFor(`${label}.canary.example`)
        const query = readQuery(packet)
        const answer = query && truncatedAnswer(packet, query)
        expect((answer?.[2] ?? 0) & 0x02).toBe(2)
        expect(answer).toHaveLength(packet.length)
    })
})
