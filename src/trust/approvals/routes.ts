/** Approvals over HTTP, for the operator's persons: what waits for a second person, signing, taking back. */
import { Type } from "typebox"
import { type Instant, formatInstant } from "../../lib/instant.ts"
import { Refusal } from "../../lib/refusal.ts"
import { type Act, route } from "../audit/actions.ts"
import { asking, has } from "../identity/access.ts"
import { creatorsOf, personById } from "../identity/actions.ts"
import { operatorRoles } from "../identity/person.ts"
import { addOperator, renewOperatorLink } from "./actions/joining.ts"
import { changeRoles } from "./actions/roles.ts"
import { pendingApprovals, recentApprovals, recordTextReads, signApproval, voidApproval, wordsOf } from "./actions.ts"
import { type Approval, type Signer, lapsesAt, mustBeIndependent, retoldCase, stateOf } from "./approval.ts"

const byId = Type.Object({ id: Type.String({ format: "uuid" }) })
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const named = Type.Object({ id: Type.String(), name: Type.String() })
const approvalAnswer = Type.Object({
    id: Type.String(),
    state: Type.String(),
    act: Type.String(),
    /** As they were hashed. */
    effects: Type.Unknown(),
    effectsHash: Type.String(),
    words: Type.Unknown(),
    requestedBy: named,
    requestedAt: Type.String(),
    signedBy: orNull(named),
    signedAt: orNull(Type.String()),
    usedAt: orNull(Type.String()),
    voidedAt: orNull(Type.String()),
    voidReason: orNull(Type.String()),
    /** When it lapses if nobody signs it, or carries it out. */
    lapsesAt: orNull(Type.String()),
    maySign: Type.Boolean(),
})
const linkedAnswer = Type.Object({
    done: Type.Boolean(),
    approval: orNull(Type.String()),
    id: Type.Optional(Type.String()),
    link: Type.Optional(Type.String()),
})
const rolesField = Type.Array(Type.Union(operatorRoles.map((role) => Type.Literal(role))), {
    minItems: 1,
    maxItems: operatorRoles.length,
})
const signed = Type.Optional(Type.String({ format: "uuid" }))
const stateAnswer = Type.Object({ id: Type.String(), state: Type.String() })

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/approvals",
            side: "console",
            needs: "approval:read",
            does: "what waits for a second person, and the latest approvals that the person may know of",
            answer: Type.Object({ pending: Type.Array(approvalAnswer), recent: Type.Array(approvalAnswer) }),
        },
        async (ask) => {
            const persons = new Map<string, Known>()
            const present = async (all: Approval[]) => {
                const presented = []
                for (const one of all) presented.push(await presentApproval(ask, one, persons))
                return presented
            }
            const [pending, recent] = [await pendingApprovals(ask), await recentApprovals(ask)]
            const shown = new Map([...pending, ...recent].map((one) => [one.id, one]))
            await recordTextReads(
                ask,
                [...shown.values()].filter((one) => mayReadWords(ask, one)),
            )
            return { pending: await present(pending), recent: await present(recent) }
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/approvals/{id}/sign",
            side: "console",
            needs: "approval:sign",
            does: "signs the effects that were shown, as the second person",
            params: byId,
            body: Type.Object(
                { effectsHash: Type.String({ pattern: "^[0-9a-f]{64}$" }) },
                { additionalProperties: false },
            ),
            answer: stateAnswer,
        },
        async (ask) => {
            await signApproval(ask, ask.params.id, ask.body.effectsHash)
            return { id: ask.params.id, state: "signed" }
        },
    ),
    route(
        {
            method: "DELETE",
            path: "/api/approvals/{id}",
            side: "console",
            needs: "approval:void",
            does: "takes a request or a signature back; one person may",
            params: byId,
            answer: stateAnswer,
        },
        async (ask) => {
            await voidApproval(ask, ask.params.id, "withdrawn")
            return { id: ask.params.id, state: "voided" }
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/staff",
            side: "console",
            needs: "staff:write",
            does: "Adds a person of the operator, which but for an auditor takes two; answers with a sign-in link's secret",
            creates: true,
            body: Type.Object(
                { name: Type.String(), mail: Type.String(), roles: rolesField, approval: signed },
                { additionalProperties: false },
            ),
            answer: linkedAnswer,
        },
        async (ask) => await addOperator(ask, ask.body, ask.body.approval),
    ),
    route(
        {
            method: "POST",
            path: "/api/staff/{id}/sign-in-links",
            side: "console",
            needs: "staff:write",
            does: "A new sign-in link's secret for a person that one has added; but for an auditor that takes two",
            params: byId,
            body: Type.Object({ approval: signed }, { additionalProperties: false }),
            answer: linkedAnswer,
        },
        async (ask) => await renewOperatorLink(ask, ask.params.id, ask.body.approval),
    ),
    route(
        {
            method: "PUT",
            path: "/api/staff/{id}/roles",
            side: "console",
            needs: "staff:write",
            does: "Sets the roles of a person of the operator; to give one more takes a second person's approval",
            params: byId,
            body: Type.Object({ roles: rolesField, approval: signed }, { additionalProperties: false }),
            answer: Type.Object({ done: Type.Boolean(), approval: orNull(Type.String()) }),
        },
        async (ask) => await changeRoles(ask, ask.params.id, ask.body),
    ),
]

interface Known extends Signer {
    readonly name: string
}

/** Effects stay as they were hashed, instants in milliseconds, so that a reader can check what is signed. */
async function presentApproval(act: Act, approval: Approval, persons: Map<string, Known>) {
    const requester = await known(act, approval.requestedBy, persons)
    const signer = approval.signedBy === null ? null : await known(act, approval.signedBy, persons)
    const state = stateOf(approval, act.now)
    return {
        id: approval.id,
        state,
        act: approval.effects.act,
        effects: approval.effects,
        effectsHash: approval.effectsHash,
        words: mayReadWords(act, approval) ? await wordsOf(act, approval) : null,
        requestedBy: { id: requester.person, name: requester.name },
        requestedAt: formatInstant(approval.requestedAt),
        signedBy: signer && { id: signer.person, name: signer.name },
        signedAt: written(approval.signedAt),
        usedAt: written(approval.usedAt),
        voidedAt: written(approval.voidedAt),
        voidReason: approval.voidReason,
        lapsesAt: written(lapsesAt(approval)),
        maySign: state === "requested" && (await maySign(act, approval, requester, persons)),
    }
}

/** Whoever may ask for it reads what a case shall say, and who shall join, too. */
function mayReadWords({ actor }: Act, { effects }: Approval): boolean {
    const isForAskers = retoldCase(effects) !== null || effects.act === "person.join"
    return has(actor, "approval:text") || (isForAskers && has(actor, asking[effects.act] ?? ""))
}

const written = (instant: Instant | null): string | null => (instant === null ? null : formatInstant(instant))

/** The rule that the signature itself will meet, asked ahead for the button. */
async function maySign(act: Act, approval: Approval, requester: Signer, persons: Map<string, Known>): Promise<boolean> {
    if (act.actor.kind !== "operator" || !has(act.actor, "approval:sign")) return false
    try {
        mustBeIndependent(approval.effects, requester, await known(act, act.actor.person, persons))
        return true
    } catch (error) {
        if (error instanceof Refusal) return false
        throw error
    }
}

async function known(act: Act, id: string, persons: Map<string, Known>): Promise<Known> {
    const before = persons.get(id)
    if (before) return before
    const person = await personById(act, id)
    if (!person) throw new Error(`the person ${id} of an approval is not known`)
    const found = { person: id, creators: await creatorsOf(act, id), name: person.name }
    persons.set(id, found)
    return found
}
