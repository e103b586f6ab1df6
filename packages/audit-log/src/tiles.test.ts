import * as fc from "fast-check"
import { expect, test } from "vitest"
import { base64 } from "@scure/base"
import { Refusal } from "@tocsin/base/refusal"
import { formatCheckpoint } from "./checkpoint.ts"
import { nodeVerifiers, signingNoteKey, signWith } from "./commands/node-keys.ts"
import { leafHash, proveConsistency, proveInclusion, rootOf } from "./merkle.ts"
import { firstPlace, formatTilePath, isTileIn, parseTilePath } from "./tiles.ts"
import { formatTlogProof, parseTlogProof } from "./tlog-proof.ts"
import { emptyTree, formatWitnessRequest, judgeRequest, parseWitnessRequest } from "./witness-request.ts"

// C2SP tlog-tiles: a tree of 70,000 has 273 full tiles at level 0 and one of 112, and so on.
test("the tiles of a tree of 70,000 leaves are those of the specification", () => {
    const isIn = (path: string) => {
        const tile = parseTilePath(path)
        return tile !== null && isTileIn(tile, 70_000)
    }
    expect(["tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"].every(isIn)).toBe(true)
    expect(["tile/0/273", "tile/0/273.p/113", "tile/1/001.p/18", "tile/2/000.p/2", "tile/3/000.p/1"].some(isIn)).toBe(
        false,
    )
    expect(parseTilePath("tile/0/x001/x234/067")).toEqual({ level: 0, index: 1_234_067, width: 256 })
    expect(parseTilePath("tile/entries/000.p/1")).toEqual({ level: null, index: 0, width: 1 })
    expect(firstPlace({ level: 1, index: 1, width: 17 })).toEqual({ level: 8, pos: 256 })
})

test.each([
    "tile/00/000",
    "tile/0/0",
    "tile/0/x000/001",
    "tile/0/001.p/0",
    "tile/0/001.p/256",
    "tile/0/001.p/01",
    "tile/7/000",
    "tile/-1/000",
    "tile/0/1000",
    "tile/0/x01/000",
    "/tile/0/000",
    "tile/0/000/",
    "tile/0/000\n",
])("%j names no tile", (path) => expect(parseTilePath(path)).toBeNull())

test("a written path reads as the same tile", () => {
    const tile = fc.record({
        level: fc.constantFrom(null, 0, 1, 2, 3, 4, 5, 6),
        index: fc.integer({ min: 0, max: 10 ** 15 - 1 }),
        width: fc.integer({ min: 1, max: 256 }),
    })
    fc.assert(
        fc.property(tile, (given) => {
            expect(parseTilePath(formatTilePath(given))).toEqual(given)
        }),
    )
})

const key = signingNoteKey("ed25519", new Uint8Array(32).fill(1), () => "example.org/log")
const leaves = Array.from({ length: 40 }, (_, i) => leafHash(Uint8Array.of(i)))
const forked = leaves.map((leaf, i) => (i === 5 ? leafHash(Uint8Array.of(99)) : leaf))
const noteOf = (tree: typeof leaves, size: number) => {
    const text = formatCheckpoint({ origin: key.name, size, root: rootOf(tree.slice(0, size)) })
    return `${text}\n${signWith(text, key, 0)}`
}
const requestOf = (oldSize: number, size: number, tree = leaves) => ({
    oldSize,
    proof: oldSize === 0 ? [] : proveConsistency(tree.slice(0, size), oldSize),
    note: noteOf(tree, size),
})
const treeOf = (size: number) => ({ size, root: rootOf(leaves.slice(0, size)) })
const judge = (request: ReturnType<typeof requestOf>, signed: { size: number; root: Uint8Array }, keys = [key]) =>
    judgeRequest(parseWitnessRequest(formatWitnessRequest(request)), keys, signed, nodeVerifiers).status

test("a witness signs only growth", () => {
    expect(judge(requestOf(0, 10), emptyTree)).toBe(200)
    expect(judge(requestOf(10, 30), treeOf(10))).toBe(200)
    expect(judge(requestOf(10, 10), treeOf(10))).toBe(200)
    expect(judge(requestOf(0, 0), emptyTree)).toBe(200)
    expect(judge(requestOf(10, 30), treeOf(20))).toBe(409)
    expect(judge(requestOf(0, 30), treeOf(20))).toBe(409)
    expect(judge(requestOf(10, 30, forked), treeOf(10))).toBe(422)
    expect(judge(requestOf(10, 10, forked), treeOf(10))).toBe(409)
    expect(judge({ ...requestOf(0, 10), proof: [rootOf([])] }, emptyTree)).toBe(422)
    expect(judge({ ...requestOf(0, 30), oldSize: 31 }, treeOf(31))).toBe(400)
    expect(judge(requestOf(0, 10), emptyTree, [])).toBe(403)
    const { proof, note } = requestOf(10, 30)
    expect(judge({ oldSize: 10, proof, note: note.replace(/.{8}\n$/, "AAAAAAA=\n") }, treeOf(10))).toBe(403)
})

test("a request is read as it was written, and changed ones are refused", () => {
    const request = requestOf(10, 30)
    const body = formatWitnessRequest(request)
    expect(parseWitnessRequest(body)).toEqual(request)
    for (const changed of [
        body.replace("old 10", "old 010"),
        body.replace("old 10", "old -1"),
        body.replace("old 10\n", "old 10\nAAAA\n"),
        body.replace("old 10", "new 10"),
        body.replace("old 10", "old 10 "),
        body.slice(0, 20),
    ]) {
        expect(() => parseWitnessRequest(changed)).toThrow(Refusal)
    }
    const long = formatWitnessRequest({ ...request, proof: leaves.concat(leaves) })
    expect(() => parseWitnessRequest(long)).toThrow("at most `63` hashes")
})

test("a proof of a log is read as it was written", () => {
    const proof = { extra: Uint8Array.of(1, 2), index: 7, proof: proveInclusion(leaves, 7), note: noteOf(leaves, 40) }
    const text = formatTlogProof(proof)
    expect(text.split("\n").slice(0, 3)).toEqual(["c2sp.org/tlog-proof@v1", "extra AQI=", "index 7"])
    expect(parseTlogProof(Buffer.from(text))).toEqual(proof)
    const bare = { ...proof, extra: null, proof: [] }
    expect(parseTlogProof(Buffer.from(formatTlogProof(bare)))).toEqual(bare)
    const [hash] = proof.proof.map((item) => base64.encode(item))
    const changes: [number, string][] = [
        [1, text.replace("@v1", "@v2")],
        [3, text.replace("index 7", "index 07")],
        [2, text.replace("extra AQI=", "extra AQI")],
        [4, text.replace(String(hash), String(hash).slice(4))],
        [3, text.replace("extra AQI=\nindex 7", "index 7\nextra AQI=")],
        [67, text.replace(String(hash), `${String(hash)}\n`.repeat(64).trimEnd())],
        [3, "c2sp.org/tlog-proof@v1\nindex 7\n"],
    ]
    for (const [line, changed] of changes) {
        expect(() => parseTlogProof(Buffer.from(changed))).toThrow(`bad proof of a log in line \`${line}\``)
    }
})
