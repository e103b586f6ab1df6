/**
 * Reading a version, each person of the operator by its own copy; what marks are good for, for authors and whoever
 * approves, and what goes out without any. Whose they are is the investigators'.
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
import { type Text, asMaster, readOwn, readToRevise, textKinds } from "./actions/read-leak.ts"

const id = Type.String({ format: "uuid" })
const byId = Type.Object({ id }, { additionalProperties: false })
const count = Type.Integer({ minimum: 0 })
const strength = Type.Object({
    /** How many who put their copies together the author wants told. */
    colluders: count,
    /** Partners that cases reach now. */
    recipients: count,
    slots: count,
    /** How many outlive what. */
    lasts: Type.Object({ value: count, wording: count, order: count, tripwire: count, typography: count }),
    errors: Type.Array(
        Type.Object({
            alpha: Type.Number(),
            /** Among how many recipients one whole copy names its owner; 0: among none. */
            among: count,
            /** About how many lasting slots of two forms it takes when so many merge their copies, and what there are. */
            merged: Type.Array(Type.Object({ colluders: count, needed: count, worth: count })),
        }),
    ),
})

/** Of each version, how it goes out; no part of what is hashed. */
const marks = Type.Array(
    Type.Object({
        artifact: id,
        version: Type.Integer(),
        class: Type.String(),
        /** Who get it by this. */
        recipients: count,
        /** `marked`, `fewer` (than cases reach, or than the author declared), `nobody` is told, `unmarked`. */
        carries: Type.String(),
        /** Why: `kind`, `slots`, `late`; null where it is marked. */
        unmarked: Type.Union([Type.String(), Type.Null()]),
        lasting: count,
        /** Among how many recipients a whole copy names its owner, at the error `alpha`. */
        among: count,
        alpha: Type.Union([Type.Number(), Type.Null()]),
        says: Type.String(),
    }),
)

/** Who gets it and is not known to be able to read it; no part of what is hashed. */
const unready = Type.Array(
    Type.Object({ partner: id, readiness: Type.Union(readinesses.map((readiness) => Type.Literal(readiness))) }),
)

const read = Type.Object({
    id,
    name: Type.String(),
    version: Type.Integer(),
    /** `own`: the copy of whoever asks; `master`, for its author; `unmarked`: it carries no marks, and all read the same. */
    text: Type.Union(textKinds.map((textKind) => Type.Literal(textKind))),
    content: Type.String(),
    /** Of the master: in a copy, lines may stand elsewhere. */
    findings: Type.Array(
        Type.Object({
            severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
            line: Type.Integer(),
            column: Type.Integer(),
            code: Type.String(),
            message: Type.String(),
        }),
    ),
    /** Whether it may be released as it is. */
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
                "The newest version as whoever asks has it, and what is wrong with it: its author the master, others their own marked copy; it is on record",
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
                "The master of the newest version, for an author who writes the next; it is on record as read without marks",
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

/** Keys that a partner has now, looked at from when it falls. */
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
            summary:
                "What a wave would open as everything stands: recipients, artifact versions, instant, and which goes out unmarked",
            params: byId,
            answer: Type.Object({
                act: Type.String(),
                recipients: Type.Array(id),
                artifacts: Type.Array(Type.Object({ artifact: id, version: Type.Integer() })),
                /** In milliseconds since 1970, as it is hashed. */
                at: Type.Union([Type.Integer(), Type.Null()]),
                detail: Type.Object({ wave: id, tier: Type.String(), revision: Type.Integer() }),
                authors: Type.Array(id),
                marks,
                unready,
            }),
        },
        async (ask) => {
            const effects = await effectsOfWave(ask, await waveOf(ask, ask.params.id))
            return { ...effects, marks: await goingOutOf(ask, effects), unready: await unreadyFor(ask, effects) }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/approvals/{id}/marks",
            side: "console",
            permission: "wave:read",
            summary:
                "Which of the versions that an approval is about goes out unmarked, and which partner has no key for it",
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
                "The alternatives of a text that a waiting request releases, for a person who can sign it; recorded and limited as a read of the master",
            params: Type.Object({ id, artifact: id }, { additionalProperties: false }),
            answer: Type.Object({
                version: Type.Integer(),
                /** In the order of the text; of a `value` the lowest and the highest. */
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
            summary: "What the marks of an artifact's newest version can tell apart; null where its kind carries none",
            params: byId,
            answer: Type.Object({
                strength: Type.Union([strength, Type.Null()]),
                /** Whether TAXII carries own copies. */
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
