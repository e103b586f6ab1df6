/** Request and answer types of the routes of evidence. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import { cvePattern, listingsMax } from "./listing.ts"
import { evidenceKinds } from "./evidence.ts"
import { clockQualities } from "@tocsin/client/limits"
import { skipReasons } from "../../models/archive/entry.ts"
import { noteKinds } from "./retention.ts"
import { contentKinds } from "../../models/content-type.ts"
import type { EvidenceKind } from "./evidence.ts"
import type { ClockQuality } from "@tocsin/client/limits"

const cve = Type.String({ pattern: cvePattern })

const contentTypeAnswer = Type.Object({ kind: Type.Enum([...contentKinds]), format: textOrNull })

const evidenceFields = {
    id,
    kind: enumOf<EvidenceKind>(),
    case: textOrNull,
    cve: textOrNull,
    name: Type.String(),
    source: Type.String(),
    note: Type.String(),
    sha256: textOrNull,
    size: orNull(Type.Integer()),
    /** The detected form of the content; null where there is none. */
    contentType: orNull(contentTypeAnswer),
    observedAt: Type.String(),
    clock: enumOf<ClockQuality>(),
    /** Null where Tocsin added it automatically, as for a touched canary. */
    addedBy: orNull(id),
    addedAt: Type.String(),
    /** When two people deleted its texts and content. */
    deletedAt: textOrNull,
}

const retentionFields = {
    notes: Type.Array(
        Type.Object({ id, about: Type.Enum([...noteKinds]), text: Type.String(), by: id, at: Type.String() }),
    ),
    /** The current legal hold. */
    hold: Type.Union([Type.Object({ id, reason: Type.String(), setBy: id, setAt: Type.String() }), Type.Null()]),
    deletion: Type.Union([Type.Object({ reason: Type.String(), by: id, at: Type.String() }), Type.Null()]),
}

/** The files of an archive. */
const archiveAnswer = Type.Object({
    parts: Type.Array(
        Type.Object({
            name: Type.String(),
            size: Type.Integer(),
            sha256: textOrNull,
            contentType: orNull(contentTypeAnswer),
            /** Why it was not extracted; null where it was. */
            reason: orNull(Type.Enum([...skipReasons])),
            isWeighed: Type.Boolean(),
        }),
    ),
    hasMore: Type.Boolean(),
    isWhole: Type.Boolean(),
    ended: textOrNull,
})

export const newEvidenceBody = Type.Object(
    {
        kind: Type.Enum([...evidenceKinds]),
        case: Type.Optional(orNull(id)),
        /** For observations: instead of the case, or with it. */
        cve: Type.Optional(cve),
        name: Type.Optional(Type.String()),
        source: Type.String(),
        note: Type.Optional(Type.String()),
        observedAt: Type.String(),
        clock: Type.Enum([...clockQualities]),
        /** For a leak: the text, or the file's bytes in Base64. */
        content: Type.Optional(Type.String()),
        encoding: Type.Optional(Type.Enum(["text", "base64"])),
    },
    closed,
)

export const newEvidenceAnswer = Type.Object({ evidence: id })

export const importListingsEvidenceBody = Type.Object(
    {
        source: Type.String(),
        listings: Type.Array(Type.Object({ cve, listedAt: Type.String() }, closed), {
            minItems: 1,
            maxItems: listingsMax,
        }),
    },
    closed,
)

export const importListingsEvidenceAnswer = Type.Object({
    added: Type.Array(Type.Object({ evidence: id, case: id, cve: Type.String() })),
})

export const evidenceAnswer = Type.Object({
    evidence: Type.Array(Type.Object({ ...evidenceFields, isHeld: Type.Boolean() })),
})

export const wholeEvidenceAnswer = Type.Object({
    ...evidenceFields,
    ...retentionFields,
    content: textOrNull,
    archive: orNull(archiveAnswer),
})

export const originalAnswer = Type.Object({ base64: textOrNull })

export const dismissReportsCaseBody = Type.Object({ reason: Type.String(), approval: Type.Optional(id) }, closed)

export const dismissReportsCaseAnswer = Type.Object({ done: Type.Boolean(), approval: id })

export const similarAnswer = Type.Object({
    identical: Type.Array(id),
    similar: Type.Array(Type.Object({ evidence: id, percentOfThis: Type.Integer(), percentOfOther: Type.Integer() })),
    inPublic: Type.Union([
        Type.Object({
            advisory: Type.String(),
            publicSince: Type.String(),
            percent: Type.Integer(),
            /** Whether all of it was public before it was observed. */
            isPublic: Type.Boolean(),
        }),
        Type.Null(),
    ]),
    /** The number of other leaks without fingerprints. Each read adds some. */
    withoutFingerprints: Type.Integer(),
})
