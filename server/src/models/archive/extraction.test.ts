import { createHash } from "node:crypto"
import { crc32, gunzipSync, gzipSync, inflateRawSync } from "node:zlib"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type TarFile, type ZipFile, tarOf, zipOf } from "../../../../test/support/archives.ts"
import { zipEntries } from "../../platform/sandbox/zip-entries.ts"
import { type ExtractionLimits, type Unpacker, extractArchive } from "./extraction.ts"

const limits: ExtractionLimits = {
    entriesMax: 50,
    bytesMax: 1_000_000,
    ratioMax: 100,
    smallBytes: 4096,
    depthMax: 3,
}

/** What was unpacked so far, in vain or not: the work that an archive causes. */
let worked = 0

function within(unpack: (packed: Uint8Array, options: object) => Buffer): Unpacker["inflate"] {
    return (packed, maxOutputLength) => {
        try {
            const bytes = unpack(packed, { maxOutputLength })
            worked += bytes.length
            return bytes
        } catch (fault) {
            worked += maxOutputLength
            return (fault as { code?: string }).code === "ERR_BUFFER_TOO_LARGE" ? "size" : "damaged"
        }
    }
}

const unpacking: Unpacker = { inflate: within(inflateRawSync), gunzip: within(gunzipSync), crc32, zipEntries }

function opened(bytes: Uint8Array, changed: Partial<ExtractionLimits> = {}) {
    return extractArchive(bytes, unpacking, { ...limits, ...changed })
}

/** Each part in a line: its names, and why it was not opened or what it says. */
async function notified(bytes: Uint8Array, changed: Partial<ExtractionLimits> = {}): Promise<string[]> {
    const { parts, hasMore, isWhole } = await opened(bytes, changed)
    const lines = parts.map(({ names, reason, content, bytes }) => {
        const is = content?.kind === "text" ? Buffer.from(bytes ?? []).toString("utf8") : (content?.format ?? "")
        return `${names.join("|")}: ${reason ?? is.slice(0, 40)}`
    })
    return [...lines, ...(hasMore ? ["and more"] : []), ...(isWhole ? [] : ["not whole"])]
}

const file = (name: string, content: string | Uint8Array, more: Partial<ZipFile> = {}): ZipFile => ({
    name,
    content,
    ...more,
})
const zeros = (bytes: number) => Buffer.alloc(bytes, 32)
const octal = (size: string) => Buffer.from(size)

describe("an archive is opened", () => {
    const a = { name: "a.txt", content: "one" }
    const b = { name: "folder/b.txt", content: "two" }
    test.each([
        ["zip", zipOf([a, { ...b, isStored: true }]), ["a.txt: one", "folder/b.txt: two"]],
        ["zip with far numbers", zipOf([{ ...a, isZip64: true }, b]), ["a.txt: one", "folder/b.txt: two"]],
        ["tar", tarOf([a, b]), ["a.txt: one", "folder/b.txt: two"]],
        ["tar without an end", tarOf([a, b], false), ["a.txt: one", "folder/b.txt: two"]],
        ["gzip", gzipSync("one"), ["contents: one"]],
        ["tar in gzip", gzipSync(tarOf([a])), ["contents: tar", "contents|a.txt: one"]],
        [
            "zip in zip",
            zipOf([file("in.zip", zipOf([a])), b]),
            ["in.zip: zip", "in.zip|a.txt: one", "folder/b.txt: two"],
        ],
        ["an empty zip", zipOf([]), []],
        ["with an image", zipOf([file("a.png", Buffer.from("89504e470d0a1a0a00", "hex"))]), ["a.png: png"]],
    ])("%s", async (_, bytes, lines) => {
        expect(await notified(bytes)).toEqual(lines)
    })

    test("long names of tar, by pax and by GNU, and a size by pax", async () => {
        const long = "n".repeat(150)
        const pax = (line: string) => `${line.length + 5} ${line}\n`
        const files: TarFile[] = [
            { name: "pax", type: "x", content: pax(`path=${long}`) },
            { name: "short", content: "one" },
            { name: "gnu", type: "L", content: `${long}\0` },
            { name: "short", content: "two" },
            { name: "all", type: "g", content: pax("comment=of everything") },
            { name: "after", content: "three" },
            { name: "pax", type: "x", content: "10 size=4\n" },
            { name: "far", content: "four", sizeField: octal("00000000000\0") },
        ]
        expect(pax(`path=${long}`)).toHaveLength(160)
        expect(await notified(tarOf(files))).toEqual([`${long}: one`, `${long}: two`, "after: three", "far: four"])
    })
})

describe("what is not opened is said, and why", () => {
    const zipFile = file("a", "one")
    test.each([
        ["nothing in it", zipOf([file("a", "")]), ["a: empty"]],
        ["a folder", zipOf([file("a/", "")]), ["a/: folder"]],
        ["a link in zip", zipOf([file("a", "/etc/passwd", { unixMode: 0o120777 })]), ["a: link"]],
        ["a device in zip", zipOf([file("a", "", { unixMode: 0o060600 })]), ["a: device"]],
        ["encrypted", zipOf([file("a", "one", { flags: 1 }), zipFile]), ["a: encrypted", "a: one"]],
        ["packed in another way", zipOf([file("a", "one", { method: 12 })]), ["a: method"]],
        ["a link in tar", tarOf([{ name: "a", content: "", type: "2" }]), ["a: link"]],
        ["a hard link in tar", tarOf([{ name: "a", content: "", type: "1" }]), ["a: link"]],
        ["a device in tar", tarOf([{ name: "a", content: "", type: "3" }]), ["a: device"]],
        ["a sparse file in tar", tarOf([{ name: "a", content: "", type: "S" }]), ["a: method"]],
        ["a size that is not so", zipOf([file("a", "one", { declared: { size: 2 } })]), ["a: damaged"]],
        ["a sum that is not so", zipOf([file("a", "one", { declared: { crc32: 1 } })]), ["a: damaged"]],
        ["more than there is", zipOf([file("a", "one", { declared: { packedSize: 5000 } })]), ["a: damaged"]],
        ["what cannot be unpacked", zipOf([file("a", "one", { isStored: true, method: 8 })]), ["a: damaged"]],
        ["a directory beyond the end", zipOf([zipFile], { directoryAt: 5000 }), ["not whole"]],
        ["a directory of something else", zipOf([zipFile], { directoryAt: 0 }), ["not whole"]],
        ["more entries than there are", zipOf([zipFile], { count: 3 }), ["a: one", "not whole"]],
        ["gzip that is cut", gzipSync("a text of some length").subarray(0, 20), ["contents: damaged"]],
        ["zip that is cut", zipOf([zipFile]).subarray(0, 40), ["not whole"]],
        [
            "tar that is cut",
            tarOf([zipFile, file("b", zeros(2000))]).subarray(0, 1800),
            ["a: one", "b: damaged", "not whole"],
        ],
        [
            "a size without end, in octal",
            tarOf([{ ...zipFile, sizeField: octal("77777777777\0") }]),
            ["a: damaged", "not whole"],
        ],
        [
            "a size without end, in base 256",
            tarOf([{ ...zipFile, sizeField: Buffer.from(`80${"ff".repeat(11)}`, "hex") }]),
            ["not whole"],
        ],
        ["a size that is negative", tarOf([{ ...zipFile, sizeField: Buffer.alloc(12, 255) }]), ["not whole"]],
    ])("%s", async (_, bytes, lines) => {
        expect(await notified(bytes)).toEqual(lines)
    })

    test("names are words: no way out, no control characters, no end that never comes", async () => {
        const names = ["../../etc/passwd", "/etc/passwd", "C:\\a", "a\u202Egpj.exe", "a\nb", "n".repeat(2000)]
        const { parts } = await opened(zipOf(names.map((name) => file(name, "one"))))
        expect(parts.map((part) => part.names[0])).toEqual([
            "../../etc/passwd",
            "/etc/passwd",
            "C:\\a",
            "a\u{FFFD}gpj.exe",
            "a\u{FFFD}b",
            "n".repeat(300),
        ])
    })
})

describe("what explodes does so within limits", () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => file(`${n}`, "x"))
    const work = async (bytes: Uint8Array) => {
        worked = 0
        const lines = await notified(bytes)
        return { lines, worked }
    }

    test("a thousand for one", async () => {
        const { lines, worked: bytes } = await work(zipOf([file("a", zeros(900_000)), file("b", "two")]))
        expect(lines).toEqual(["a: ratio", "b: two"])
        expect(bytes).toBeLessThan(limits.bytesMax / 5)
    })

    test("a little of much: all together have no more than one", async () => {
        const noise = (n: number) => createHash("shake256", { outputLength: 300_000 }).update(`${n}`).digest()
        const { lines, worked: bytes } = await work(zipOf([1, 2, 3, 4, 5].map((n) => file(`${n}`, noise(n)))))
        expect(lines.slice(0, 4)).toEqual(["1: ", "2: ", "3: ", "4: size"])
        expect(bytes).toBeLessThanOrEqual(limits.bytesMax)
    })

    test("archives in archives, each of sixteen", async () => {
        let bomb: Buffer = zeros(60_000)
        for (let depth = 0; depth < 5; depth++) {
            bomb = zipOf(Array.from({ length: 16 }, (_, n) => file(`${n}.zip`, bomb)))
        }
        const { lines, worked: bytes } = await work(bomb)
        expect(lines).toContain("and more")
        expect(lines).toContain("0.zip|0.zip|0.zip: depth")
        expect(bytes).toBeLessThanOrEqual(limits.bytesMax)
    })

    test("gzip of gzip of gzip of gzip", async () => {
        const deep = [1, 2, 3, 4].reduce((bytes) => gzipSync(bytes), Buffer.from("a text"))
        expect(await notified(deep)).toEqual([
            "contents: gzip",
            "contents|contents: gzip",
            "contents|contents|contents: depth",
        ])
        expect((await notified(deep, { depthMax: 4 })).at(-1)).toBe("contents|contents|contents|contents: a text")
    })

    test("gzip of zeros without end", async () => {
        expect((await work(gzipSync(zeros(5_000_000)))).lines).toEqual(["contents: ratio"])
        expect(worked).toBeLessThanOrEqual(limits.bytesMax)
    })

    test("entries that share their bytes", async () => {
        const kernel = file("kernel", zeros(3000))
        const shared = Array.from({ length: 20 }, (_, n) => file(`${n}`, zeros(3000), { sharesWith: 0 }))
        const { lines, worked: bytes } = await work(zipOf([kernel, ...shared]))
        expect(lines.filter((line) => line.endsWith("overlap"))).toHaveLength(20)
        expect(bytes).toBe(3000)
    })

    test.each([
        ["zip", zipOf(many(51))],
        ["zip of a hundred thousand", zipOf(many(100_000))],
        ["tar", tarOf(many(51))],
    ])("more entries than are looked at: %s", async (_, bytes) => {
        const lines = await notified(bytes)
        expect(lines).toHaveLength(51)
        expect(lines.at(-1)).toBe("and more")
    })
})

describe("whatever bytes there are", () => {
    const heads = [zipOf([file("a", "one")]), tarOf([file("a", "one"), file("b", "two")]), gzipSync("one")]

    /** Bytes of an archive of which some were changed, cut off or put in. */
    const twisted = fc
        .tuple(
            fc.constantFrom(...heads),
            fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
            fc.nat(),
            fc.uint8Array({ maxLength: 40 }),
        )
        .map(([head, changes, cut, more]) => {
            const bytes = Buffer.from(head)
            for (const [at, byte] of changes) bytes[at % bytes.length] = byte
            return Buffer.concat([bytes.subarray(0, bytes.length - (cut % 60)), more])
        })

    test("they are opened or not, within the limits, and nothing is thrown", async () => {
        await fc.assert(
            fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 2000 }), twisted), async (bytes) => {
                worked = 0
                const { parts } = await opened(bytes)
                expect(parts.length).toBeLessThanOrEqual(limits.entriesMax)
                expect(worked).toBeLessThanOrEqual(limits.bytesMax)
                for (const { reason, bytes } of parts)
                    expect(bytes === null || reason === null || reason === "depth" || reason === "damaged").toBe(true)
            }),
        )
    })

    test("what was put in comes out", async () => {
        const name = fc.stringMatching(/^[a-z]{1,20}$/)
        const files = fc.uniqueArray(fc.record({ name, content: fc.uint8Array({ minLength: 1, maxLength: 500 }) }), {
            selector: (item) => item.name,
            maxLength: 10,
        })
        await fc.assert(
            fc.asyncProperty(files, fc.boolean(), async (list, isStored) => {
                const flat = { depthMax: 0 }
                for (const bytes of [zipOf(list.map((item) => ({ ...item, isStored }))), tarOf(list)]) {
                    const { parts } = await opened(list.length === 0 ? zipOf([]) : bytes, flat)
                    expect(parts.map((part) => [part.names.join(), Buffer.from(part.bytes ?? [])])).toEqual(
                        list.map((item) => [item.name, Buffer.from(item.content)]),
                    )
                }
            }),
        )
    })
})
