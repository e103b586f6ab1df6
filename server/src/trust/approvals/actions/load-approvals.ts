/** Reads approvals and the texts behind them. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import {
    type Approval,
    type ApprovalObstacle,
    type Effects,
    type Signer,
    amendedCaseOf,
    assertCanSign,
    assertIndependent,
    assertTwoPeople,
    canRevealReports,
    dismissReportsAction,
    hashOf,
    isVisibleTo,
    obstacleOf,
    signWithinMs,
    stateOf,
} from "../approval.ts"
import { findPerson, listCreators } from "../../identity/actions/load-people.ts"
import * as store from "../store.ts"
import { type OperatorActor, personOf } from "../../../kernel/actor.ts"
import type { Json } from "@tocsin/base/canonical"
import { DestroyedKey, decryptText } from "../../../platform/crypto/vault.ts"
import { refuse } from "@tocsin/base/refusal"
import { mayReadReports } from "../../../kernel/permissions.ts"

const recentMax = 100

export async function findObstacle(ctx: ActionContext, approval: Approval): Promise<ApprovalObstacle | null> {
    const { requestedBy, signedBy } = approval
    return obstacleOf(
        approval,
        await findPerson(ctx, requestedBy),
        signedBy === null ? null : await findPerson(ctx, signedBy),
    )
}

/** Lists requests that wait for a signature and that the caller may see, oldest first. */
export async function listPendingApprovals(ctx: ActionContext): Promise<Approval[]> {
    const open = await store.listUnsigned(ctx.tx, ctx.now - signWithinMs)
    return open
        .map(assertGenuine)
        .filter((approval) => stateOf(approval, ctx.now) === "requested" && mayRead(ctx, approval))
}

/** Lists signed approvals that can still be applied and that the caller may see, oldest first. */
export async function listSignedApprovals(ctx: ActionContext): Promise<Approval[]> {
    const approvals = (await store.listSigned(ctx.tx)).map(assertGenuine)
    return approvals.filter((approval) => stateOf(approval, ctx.now) === "signed" && mayRead(ctx, approval))
}

/** Lists all requested and signed approvals. The caller must not show those that its actor may not see. */
export async function listOpenApprovals(ctx: ActionContext): Promise<Approval[]> {
    const [unsigned, signed] = [
        await store.listUnsigned(ctx.tx, ctx.now - signWithinMs),
        await store.listSigned(ctx.tx),
    ]
    const approvals = [...unsigned, ...signed].map(assertGenuine)
    return approvals.filter((approval) => ["requested", "signed"].includes(stateOf(approval, ctx.now)))
}

/** Lists the latest 100 approvals in any state that the caller may see, newest first. */
export async function listRecentApprovals(ctx: ActionContext): Promise<Approval[]> {
    const approvals = await store.listLatest(ctx.tx, personOf(ctx.actor), recentMax)
    return approvals.map(assertGenuine).filter((approval) => mayRead(ctx, approval))
}

/**
 * Whether an applied approval about one of these (cases, waves, recalls) was signed over a denial of exploitation.
 * `entry`: the newest report that the signer saw.
 */
export async function hasSignedDenial(ctx: ActionContext, ids: readonly string[], entry: number): Promise<boolean> {
    return (await store.listAppliedDenials(ctx.tx, ids, entry)).map(assertGenuine).length > 0
}

/** The texts of an approval by name. */
type ApprovalText = Readonly<Record<string, Json>>

/** Decrypts the text of the request, as it was given; null where it has none, or its case's content was deleted. */
export async function decryptApprovalText<Text extends object = ApprovalText>(
    ctx: ActionContext,
    { id, effects, textCiphertext }: Approval,
): Promise<Text | null> {
    if (textCiphertext === null) return null
    try {
        const text = await decryptText(ctx.tx, ctx.services.keys, scopeOf(effects), placeOf(id), textCiphertext)
        return JSON.parse(text) as Text
    } catch (error) {
        if (error instanceof DestroyedKey) return null
        throw error
    }
}

/**
 * Records once per person that the case text of these requests was read, before the answer. The requester's own reads
 * are left out.
 */
export async function recordTextReads(ctx: ActionContext, shown: readonly Approval[]): Promise<void> {
    const person = personOf(ctx.actor)
    const approvals = shown.filter((approval) => caseOfText(approval) !== null && approval.requestedBy !== person)
    if (person === null || approvals.length === 0) return
    const ids = approvals.map(({ id }) => id)
    const fresh = new Set(await store.insertReads(ctx.tx, ids, person))
    for (const approval of approvals) {
        if (!fresh.has(approval.id)) continue
        await record(
            ctx,
            { kind: "approval.read", approval: approval.id, case: caseOfText(approval) },
            isConfidential(approval.effects),
        )
    }
}

/**
 * The case that the text of a request is about. Null: no text, or the text of an inquiry, which records its own reads.
 */
function caseOfText({ textCiphertext, effects: { detail, onlyFor } }: Approval): string | null {
    const { case: id } = (detail ?? {}) as { readonly case?: Json }
    return textCiphertext !== null && onlyFor === undefined && typeof id === "string" ? id : null
}

/** Loads an approval without a check of the caller. Refuses `approval.not_found`. */
export async function loadApproval(ctx: ActionContext, id: string): Promise<Approval> {
    return assertGenuine(await store.findApproval(ctx.tx, id))
}

/** Loads approvals by id in one statement, without a check of the caller. */
export async function loadApprovals(
    ctx: ActionContext,
    ids: readonly string[],
): Promise<ReadonlyMap<string, Approval>> {
    if (ids.length === 0) return new Map()
    const found = (await store.listApprovals(ctx.tx, ids)).map(assertGenuine)
    return new Map(found.map((approval) => [approval.id, approval]))
}

/** Loads an approval that the caller may see. Refuses `approval.not_found` for any other. */
export async function loadVisibleApproval(ctx: ActionContext, id: string): Promise<Approval> {
    const found = assertVisible(ctx, await store.findApproval(ctx.tx, id))
    return mayRead(ctx, found) ? found : assertGenuine(undefined)
}

/** Loads a request for a person who can sign it now. Refuses what `signApproval` refuses. */
export async function loadApprovalToSign(ctx: ActionContext, id: string): Promise<Approval> {
    const { person } = assertOperator(ctx)
    const found = await loadVisibleApproval(ctx, id)
    assertIndependent(found.effects, await loadSigner(ctx, found.requestedBy), await loadSigner(ctx, person))
    assertCanSign(found, found.effectsHash, ctx.now)
    assertTwoPeople(await findObstacle(ctx, found))
    return found
}

/** Whether the caller may see this approval. */
export async function isApprovalVisible(ctx: ActionContext, id: string): Promise<boolean> {
    return maySee(ctx, await loadApproval(ctx, id))
}

export async function loadSigner(ctx: ActionContext, id: string): Promise<Signer> {
    return { person: id, creators: await listCreators(ctx, id) }
}

/** Throws where the effects do not match their hash: the database was changed from outside. */
export function assertGenuine(found: Approval | undefined): Approval {
    if (!found) refuse("missing", "approval.not_found", "no approval with this id")
    if (hashOf(found.effects) !== found.effectsHash) throw new Error(`the effects of approval ${found.id} were changed`)
    return found
}

export function assertVisible(ctx: ActionContext, found: Approval | undefined): Approval {
    const approval = assertGenuine(found)
    return maySee(ctx, approval) ? approval : assertGenuine(undefined)
}

function maySee(ctx: ActionContext, approval: Approval): boolean {
    const person = personOf(ctx.actor)
    return person === null || isVisibleTo(approval, person)
}

/**
 * Whether the actor may read this approval. Staff who may not read reports of exploitation read no approval that can
 * reveal such reports. Every role that may sign reads reports.
 */
function mayRead(ctx: ActionContext, approval: Approval): boolean {
    const { actor } = ctx
    return maySee(ctx, approval) && (!canRevealReports(approval.effects) || mayReadReports(actor))
}

/** Whether the approval's events are confidential in the audit log. */
export const isConfidential = ({ action, onlyFor }: Effects): boolean =>
    onlyFor !== undefined || action === dismissReportsAction

export const placeOf = (id: string): string => `approvals.text:${id}`

/** The encryption scope of the text: the case, or the partner. */
export function scopeOf(effects: Effects): string {
    const caseId = amendedCaseOf(effects)
    if (caseId !== null) return `case:${caseId}`
    const [recipient, ...others] = effects.recipients
    return recipient !== undefined && others.length === 0 ? `partner:${recipient}` : "program"
}

export function assertOperator(ctx: ActionContext): OperatorActor {
    if (ctx.actor.kind !== "operator") {
        refuse("forbidden", "approval.staff_only", "only staff request and sign approvals: sign in as a staff member")
    }
    return ctx.actor
}
