import { createHash } from "node:crypto"
import { deflateRawSync, gzipSync } from "node:zlib"
import { expect, test } from "vitest"
import { tarOf, zipOf } from "../../../../test/support/archives.ts"
import { archiveLimits, extractArchiveInSubprocess } from "./archive.ts"

const hashOf = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex")

test("an archive is extracted in a subprocess, with a hash for each part and a text where it has one", async () => {
    const image = Buffer.from("89504e470d0a1a0a00", "hex")
    const files = [
        { name: "a.txt", content: Buffer.from("grüezi mitenand", "latin1") },
        { name: "b.png", content: image },
    ]
    const { parts, ...rest } = await extractArchiveInSubprocess(gzipSync(tarOf(files)))
    expect(rest).toEqual({ hasMore: false, isWhole: true, ended: null })
    expect(parts.map(({ names, sha256, text }) => [names.at(-1), sha256, text])).toEqual([
        ["contents", hashOf(tarOf(files)), null],
        ["a.txt", hashOf(Buffer.from("grüezi mitenand", "latin1")), "grüezi mitenand"],
        ["b.png", hashOf(image), null],
    ])
})

test("an archive bomb of ten megabytes ends within the limits", async () => {
    const packed = deflateRawSync(Buffer.alloc(9_000_000))
    const bomb = zipOf(Array.from({ length: 1000 }, (_, n) => ({ name: `${n}`, content: "", packed })))
    expect(bomb.length).toBeLessThan(10_000_000)
    const { parts, ended } = await extractArchiveInSubprocess(bomb)
    expect(ended).toBeNull()
    expect(parts.every(({ reason }) => reason === "ratio" || reason === "size")).toBe(true)
})

test("extraction that exceeds the time or memory limit ends with an error", async () => {
    const bytes = zipOf([{ name: "a", content: "one" }])
    const ended = { parts: [], hasMore: true, isWhole: false }
    expect(await extractArchiveInSubprocess(bytes, { ...archiveLimits, timeMs: 1 })).toEqual({
        ...ended,
        ended: "time",
    })
    expect(await extractArchiveInSubprocess(bytes, { ...archiveLimits, answerBytesMax: 10 })).toEqual({
        ...ended,
        ended: "size",
    })
})
