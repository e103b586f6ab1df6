/**
 * HTTP routes of the operator for reading versions, and for the strength of their marks before a release. Only
 * investigators see which marks belong to which recipient.
 */
import { Type } from "typebox"
import { shownApproval } from "../../trust/approvals/actions.ts"
import type { Effects } from "../../trust/approvals/approval.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { readinessOf } from "../../trust/partners/keys/actions/manage-keys.ts"
import { readinesses } from "../../trust/partners/keys/key.ts"
import { findingsOf } from "../artifacts/actions/validate-artifact.ts"
import { effectsOfWave } from "../release/actions.ts"
import { waveOf } from "../waves/actions.ts"
import { goingOutOf, strengthFor } from "./actions/estimate-strength.ts"
import { alternativesToSign } from "./actions/set-alternatives.ts"
import { readByTwo } from "./actions/limit-master-reads.ts"
import { type Text, asMaster, readOwn, readToRevise, textKinds } from "./actions/read-staff-copy.ts"

const id = Type.String({ format: "uuid" })
const byId = Type.Object({ id }, { additionalProperties: false })
const count = Type.Integer({ minimum: 0 })
const strength = Type.Object({
    /** The number of colluding recipients that the marks must identify. */
    colluders: count,
    /** The number of partners with case access. */
    recipients: count,
    slots: count,
    /** The number of slots that survive each kind of change. */
    lasts: Type.Object({ value: count, wording: count, order: count, tripwire: count, typography: count }),
    errors: Type.Array(
        Type.Object({
            alpha: Type.Number(),
            /** The number of recipients among which one whole copy identifies its recipient; 0: none. */
            among: count,
            /** The approximate number of lasting two-form slots that merged copies need, and the number available. */
            merged: Type.Array(Type.Object({ colluders: count, needed: count, worth: count })),
        }),
    ),
})

/** How each version is marked. Not part of the signed hash. */
const marks = Type.Array(
    Type.Object({
        artifact: id,
        version: Type.Integer(),
        class: Type.String(),
        /** The number of recipients that get the version by this act. */
        recipients: count,
        /**
         * `marked`; `fewer` than the partners with case access or the declared colluders; `nobody` can be identified;
         * `unmarked`.
         */
        carries: Type.String(),
        /** The reason: `kind`, `slots` or `late`; null where the version is marked. */
        unmarked: Type.Union([Type.String(), Type.Null()]),
        lasting: count,
        /** The number of recipients among which a whole copy identifies its recipient, at the error `alpha`. */
        among: count,
        alpha: Type.Union([Type.Number(), Type.Null()]),
        says: Type.String(),
    }),
)

/** Recipients that may be unable to decrypt the copy. Not part of the signed hash. */
const unready = Type.Array(Type.Object({ partner: id, readiness: Type.Enum([...readinesses]) }))

const read = Type.Object({
    id,
    name: Type.String(),
    version: Type.Integer(),
    /** `own`: the reader's copy; `master`: the author's text; `unmarked`: the same text for all. */
    text: Type.Enum([...textKinds]),
    content: Type.String(),
    /** Issues of the master; in a copy, line numbers can differ. */
    findings: Type.Array(
        Type.Object({
            severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
            line: Type.Integer(),
            column: Type.Integer(),
            code: Type.String(),
            message: Type.String(),
        }),
    ),
    /** Whether the version may be released as it is. */
    valid: Type.Boolean(),
})

async function presented(ctx: ActionContext, { artifact, name, version, text, content }: Text) {
    const { findings, valid } = await findingsOf(ctx, artifact, version)
    return { id: artifact, name, version, text, content, findings: [...findings], valid }
}

const readingRoutes = [
    route(
        {
            method: "GET",
            path: "/api/artifacts/{id}",
            side: "console",
            permission: "artifact:read",
            summary:
                "Returns the newest version with its issues: the master for its author, a marked copy for " +
                "others; records the read",
            params: byId,
            answer: read,
        },
        async (ask) => await presented(ask, await readOwn(ask, ask.params.id)),
    ),
    route(
        {
            method: "GET",
            path: "/api/artifacts/{id}/master",
            side: "console",
            permission: "artifact:write",
            summary:
                "Returns the newest master to an author who writes the next version; recorded as a read without marks",
            params: byId,
            answer: read,
        },
        async (ask) => await presented(ask, await readToRevise(ask, ask.params.id)),
    ),
]

const consentRoutes = [
    route(
        {
            method: "POST",
            path: "/api/artifacts/{id}/read-master",
            side: "console",
            permission: "artifact:read",
            summary:
                "Requests a second person's consent for one read of the newest master; with it, reads the master once",
            params: byId,
            body: Type.Object(
                { reason: Type.Optional(Type.String({ maxLength: 500 })), approval: Type.Optional(id) },
                { additionalProperties: false },
            ),
            answer: Type.Object({ done: Type.Boolean(), approval: id, master: Type.Union([read, Type.Null()]) }),
        },
        async (ask) => {
            const { reason = "", approval: signed } = ask.body
            const { done, approval, master } = await readByTwo(ask, ask.params.id, reason, signed)
            const text = master && (await presented(ask, asMaster(master)))
            return { done, approval, master: text }
        },
    ),
]

/** Lists recipients without a usable key at the planned instant. */
async function unreadyFor(ctx: ActionContext, { recipients, at }: Effects) {
    const found = await readinessOf(ctx, recipients, Math.max(at ?? ctx.now, ctx.now))
    const list = [...found].map(([partner, readiness]) => ({ partner, readiness }))
    return list.filter(({ readiness }) => readiness !== "ready")
}

export const routes = [
    ...readingRoutes,
    ...consentRoutes,
    route(
        {
            method: "GET",
            path: "/api/waves/{id}/effects",
            side: "console",
            permission: "wave:read",
            summary: "Previews a wave: recipients, artifact versions, instant, and which versions are unmarked",
            params: byId,
            answer: Type.Object({
                act: Type.String(),
                recipients: Type.Array(id),
                artifacts: Type.Array(Type.Object({ artifact: id, version: Type.Integer() })),
                /** In milliseconds since 1970, as hashed. */
                at: Type.Union([Type.Integer(), Type.Null()]),
                detail: Type.Unsafe<unknown>(Type.Object({ wave: id, tier: Type.String(), revision: Type.Integer() })),
                authors: Type.Array(id),
                marks,
                unready,
            }),
        },
        async (ask) => {
            const effects = await effectsOfWave(ask, await waveOf(ask, ask.params.id))
            const { act, recipients, artifacts, at, detail, authors = [] } = effects
            const marks = await goingOutOf(ask, effects)
            return { act, recipients, artifacts, at, detail, authors, marks, unready: await unreadyFor(ask, effects) }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/approvals/{id}/marks",
            side: "console",
            permission: "wave:read",
            summary: "Lists the unmarked versions of an approval, and the partners without a key",
            params: byId,
            answer: Type.Object({ marks, unready }),
        },
        async (ask) => {
            const { effects } = await shownApproval(ask, ask.params.id)
            return { marks: await goingOutOf(ask, effects), unready: await unreadyFor(ask, effects) }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/approvals/{id}/alternatives/{artifact}",
            side: "console",
            permission: "approval:sign",
            summary:
                "Lists the alternatives of a text to release, for a person who can sign it; recorded and " +
                "limited as a read of the master",
            params: Type.Object({ id, artifact: id }, { additionalProperties: false }),
            answer: Type.Object({
                version: Type.Integer(),
                /** In the order of the text; for a `value`, the lowest and the highest. */
                alternatives: Type.Array(Type.Object({ kind: Type.String(), forms: Type.Array(Type.String()) })),
            }),
        },
        async (ask) => {
            const { version, alternatives } = await alternativesToSign(ask, ask.params.id, ask.params.artifact)
            return { version, alternatives: alternatives.map(({ kind, forms }) => ({ kind, forms: [...forms] })) }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/artifacts/{id}/strength",
            side: "console",
            permission: "artifact:read",
            summary: "Estimates the marks of an artifact's newest version; null where its class carries none",
            params: byId,
            answer: Type.Object({
                strength: Type.Union([strength, Type.Null()]),
                /** Whether TAXII carries the partner's own copies. */
                isPolledMarked: Type.Boolean(),
            }),
        },
        async (ask) => {
            const found = await strengthFor(ask, ask.params.id, null)
            const errors = found?.errors.map((error) => ({ ...error, merged: [...error.merged] })) ?? []
            return { strength: found && { ...found, errors }, isPolledMarked: ask.services.marksPolled }
        },
    ),
]
