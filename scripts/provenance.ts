/**
 * Says from which sources and how release files were built: an in-toto Statement v1 with a SLSA Provenance v1
 * predicate, signed in a DSSE envelope by an Ed25519 key.
 */
import { createHash, createPublicKey, type KeyObject, sign } from "node:crypto"
import fs from "node:fs"
import path from "node:path"

const payloadType = "application/vnd.in-toto+json"
/** Names the build that docs/operate/install.md describes. Another way to build has another name. */
const buildType = "https://tocsin.invalid/release/v1"

export interface Build {
    /** `git+https://…`, where the sources are. */
    readonly source: string
    readonly commit: string
    /** The URI of who ran the build, and on what. */
    readonly builder: string
    readonly command: string
    /** Of the programs that built, and the date that is packed. */
    readonly versions: Readonly<Record<string, string>>
    readonly sourceEpoch: number
    readonly lockfile: string
}

export const sha256Of = (file: string): string => createHash("sha256").update(fs.readFileSync(file)).digest("hex")

const described = (file: string) => ({ name: path.basename(file), digest: { sha256: sha256Of(file) } })

/** Describes files by their hashes. */
export function statementOf(files: readonly string[], build: Build): object {
    const { source, commit, builder, command, versions, sourceEpoch, lockfile } = build
    return {
        _type: "https://in-toto.io/Statement/v1",
        subject: files.map(described),
        predicateType: "https://slsa.dev/provenance/v1",
        predicate: {
            buildDefinition: {
                buildType,
                externalParameters: { source, command },
                internalParameters: { ...versions, SOURCE_DATE_EPOCH: String(sourceEpoch) },
                resolvedDependencies: [
                    { uri: `${source}@${commit}`, digest: { gitCommit: commit } },
                    // It pins each dependency by its hash.
                    described(lockfile),
                ],
            },
            runDetails: { builder: { id: builder } },
        },
    }
}

/** Signs a statement in a DSSE envelope. The key id is the SHA-256 of the public key (SPKI, DER). */
export function envelopeOf(statement: object, key: KeyObject): object {
    const payload = Buffer.from(JSON.stringify(statement))
    const signed = Buffer.concat([
        Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
        payload,
    ])
    const publicKey = createPublicKey(key).export({ type: "spki", format: "der" })
    const keyid = createHash("sha256").update(publicKey).digest("hex")
    const sig = sign(null, signed, key).toString("base64")
    return { payload: payload.toString("base64"), payloadType, signatures: [{ keyid, sig }] }
}
