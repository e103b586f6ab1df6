/** Request and answer types of the routes of portal. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import { invitationAnswer } from "../../share/cases/schemas.ts"
import { cells } from "../../trace/sightings/aggregate.ts"
import {
    clockQualities,
    environmentMax,
    noteMax,
    protectionNoteMax,
    protectionStates,
    verdicts,
} from "@tocsin/client/limits"
import { sealedFormats } from "@tocsin/client/sealed-format"
import { followUpFields, protectionFields, sightingFields } from "../../trace/sightings/schemas.ts"
import { countMax } from "../../share/delivery/test-result.ts"
import { indicatorMax, indicatorsMax, productMax } from "../../trace/sightings/sighting.ts"
import type { ArtifactClass, Pap, Tlp } from "../../share/artifacts/artifact.ts"
import type { Deployment } from "../../share/cases/deployment-permission.ts"
import type { Channel } from "../../share/delivery/channel.ts"

const peopleMax = 1000

export const accessListAnswer = Type.Object({ narrowed: Type.Boolean(), people: Type.Array(id) })

export const setAccessListBody = Type.Object({ people: orNull(Type.Array(id, { maxItems: peopleMax })) }, closed)

export const consentsAnswer = Type.Object({
    now: Type.String(),
    invitations: Type.Array(Type.Object({ id, ...invitationAnswer })),
})

export const answerConsentBody = Type.Object({ accepts: Type.Boolean() }, closed)

export const newProposalBody = Type.Object({ endsAt: Type.String() }, closed)

export const protectionStatusesQuery = Type.Object({ warning: Type.Optional(id) }, closed)

export const protectionStatusesAnswer = Type.Object({
    protections: Type.Array(Type.Object({ ...protectionFields, warning: id })),
})

export const newProtectionStatusBody = Type.Object(
    {
        warning: id,
        state: Type.Enum([...protectionStates]),
        since: Type.Optional(textOrNull),
        note: Type.Optional(Type.String({ maxLength: protectionNoteMax })),
    },
    closed,
)

export const aggregatesAnswer = Type.Object({
    notified: Type.Boolean(),
    groupMin: orNull(Type.Integer()),
    cells: Type.Array(Type.Object({ cell: Type.Enum([...cells]), partners: textOrNull })),
})

const recallFields = Type.Object({
    id,
    warning: id,
    artifact: id,
    class: enumOf<ArtifactClass>(),
    name: Type.String(),
    /** Versions that this partner held at the recall. */
    versions: Type.Array(Type.Integer()),
    at: Type.String(),
    confirmedAt: textOrNull,
})

export const recallsAnswer = Type.Object({ recalls: Type.Array(recallFields) })

export const confirmDeletionRecallAnswer = Type.Object({ receipt: id })

export const receiptsAnswer = Type.Object({
    receipts: Type.Array(
        Type.Object({
            id,
            at: Type.String(),
            person: id,
            warning: id,
            artifact: id,
            version: Type.Integer(),
            /** Of a deletion, all deleted versions; `version` is the newest. */
            versions: Type.Array(Type.Integer()),
            kind: Type.Enum(["fetched", "acknowledged", "deleted"]),
            /** Of a fetch: `copy`, which has a receipt, or the polled channel. */
            channel: Type.Optional(enumOf<Channel>()),
        }),
    ),
    /** Whether older entries exist that this list leaves out. */
    more: Type.Boolean(),
})

/** `format`: `tlog_proof` with the signatures of witnesses; default: `tocsin-receipt/1`. */
export const receiptQuery = Type.Object({ format: Type.Optional(Type.Literal("tlog_proof")) }, closed)

export const receiptAnswer = Type.Object({ receipt: Type.String() })

const count = orNull(Type.Integer({ minimum: 0, maximum: countMax }))

const testResultFields = {
    version: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }),
    verdict: Type.Enum([...verdicts]),
    hits: count,
    falsePositives: count,
    environment: Type.String({ maxLength: environmentMax }),
}

export const testResultsAnswer = Type.Object({
    tester: Type.Boolean(),
    results: Type.Array(Type.Object({ ...testResultFields, artifact: id, person: id, at: Type.String() })),
})

export const testResultsArtifactBody = Type.Object(testResultFields, closed)

export const testResultsArtifactAnswer = Type.Object({ id })

/** `sealed`: the format of the file; default: age if the partner has a usable key of age. */
export const copyQuery = Type.Object({ sealed: Type.Optional(Type.Enum([...sealedFormats])) }, closed)

export const warningAnswer = Type.Object({
    id,
    title: Type.String(),
    vulnerabilities: Type.Array(
        Type.Object({
            cve: Type.String(),
            cwe: Type.String(),
            vector: Type.String(),
            score: orNull(Type.Number()),
            products: Type.Array(Type.Object({ vendor: Type.String(), name: Type.String(), fixedIn: textOrNull })),
        }),
    ),
    publication: textOrNull,
    published: Type.Boolean(),
    /** When the operator withdrew it. It will not be published, and no later wave opens more. */
    withdrawnAt: textOrNull,
    /** The deployment permission before publication; null where the operator has not set it. */
    permission: Type.Union([Type.Object({ deployment: enumOf<Deployment>(), text: Type.String() }), Type.Null()]),
    artifacts: Type.Array(
        Type.Object({
            id,
            class: enumOf<ArtifactClass>(),
            tlp: enumOf<Tlp>(),
            pap: enumOf<Pap>(),
            /** Null before the release. */
            name: textOrNull,
            available: Type.Boolean(),
            version: orNull(Type.Integer()),
            from: Type.String(),
            fetchedAt: textOrNull,
            acknowledgedAt: textOrNull,
            /** The versions that this partner fetched without confirming their deletion, oldest first. */
            holds: Type.Array(Type.Object({ version: Type.Integer(), at: Type.String(), superseded: Type.Boolean() })),
        }),
    ),
    /** The recalls of copies that this partner holds and must delete. */
    recalls: Type.Array(recallFields),
})

export const warningsAnswer = Type.Object({ now: Type.String(), warnings: Type.Array(warningAnswer) })

export const acknowledgeWarningAnswer = Type.Object({ acknowledged: Type.Integer(), receipts: Type.Array(id) })

export const followUpsQuery = Type.Object({ warning: Type.Optional(id) }, closed)

export const followUpsAnswer = Type.Object({ followUps: Type.Array(Type.Object({ ...followUpFields, warning: id })) })

export const sightingsQuery = Type.Object({ warning: Type.Optional(id) }, closed)

export const sightingsAnswer = Type.Object({ sightings: Type.Array(Type.Object({ ...sightingFields, warning: id })) })

export const newSightingBody = Type.Object(
    {
        id,
        warning: id,
        observedAt: Type.String(),
        clock: Type.Enum([...clockQualities]),
        zeroReportSince: Type.Optional(textOrNull),
        product: Type.Optional(Type.String({ maxLength: productMax })),
        indicators: Type.Optional(Type.Array(Type.String({ maxLength: indicatorMax }), { maxItems: indicatorsMax })),
        confidence: Type.Optional(orNull(Type.Integer({ minimum: 0, maximum: 100 }))),
        note: Type.Optional(Type.String({ maxLength: noteMax })),
    },
    closed,
)

export const newSightingAnswer = Type.Object({ id })
