/**
 * Main program of the subprocess that extracts archives. It reads one archive in Base64 from standard input, and
 * writes the result to standard output. It may read only its own code and packages.
 */
import { createHash } from "node:crypto"
import { crc32, gunzipSync, inflateRawSync } from "node:zlib"
import { type ExtractionLimits, type Unpacker, extractArchive } from "../../models/archive/extraction.ts"
import { zipEntries } from "./zip-entries.ts"

/** Limits that callers cannot change. */
const limits: ExtractionLimits = {
    entriesMax: 2000,
    bytesMax: 20_000_000,
    ratioMax: 200,
    smallBytes: 64 * 1024,
    depthMax: 4,
}

const isTooLarge = (fault: unknown): boolean =>
    fault instanceof Error && "code" in fault && fault.code === "ERR_BUFFER_TOO_LARGE"

function limitOutput(unpack: (packed: Uint8Array, options: object) => Uint8Array): Unpacker["inflate"] {
    return (packed, maxOutputLength) => {
        try {
            return unpack(packed, { maxOutputLength })
        } catch (fault) {
            return isTooLarge(fault) ? "size" : "damaged"
        }
    }
}

const unpacker: Unpacker = { inflate: limitOutput(inflateRawSync), gunzip: limitOutput(gunzipSync), crc32, zipEntries }

const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const archive = Buffer.from(Buffer.concat(chunks).toString("latin1"), "base64")
const { parts, ...rest } = await extractArchive(archive, unpacker, limits)
const hashedParts = parts.map(({ bytes, ...part }) => ({
    ...part,
    sha256: bytes && createHash("sha256").update(bytes).digest("hex"),
    text: bytes !== null && part.content?.kind === "text" ? Buffer.from(bytes).toString("base64") : null,
}))
process.stdout.write(JSON.stringify({ ...rest, parts: hashedParts }))
