/**
 * Ends access again that had ended before a restore, by the high-water file. Spent error stays spent, and deleted
 * content stays deleted.
 */
import type { AccessEnd, HighWater } from "../../../models/high-water.ts"
import { Refusal } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { destroyKeyPermanently } from "../../../platform/crypto/vault.ts"
import { endCredentialAfterRestore } from "../../identity/actions/sign-in.ts"
import { endClientAfterRestore } from "../../identity/machines/actions/manage-clients.ts"
import { endIdentityAfterRestore } from "../../identity/single-sign-on/actions/end-identities.ts"
import { endPasskeyAfterRestore } from "../../identity/passkeys/actions/manage-passkeys.ts"
import { removePerson } from "../../identity/actions/manage-people.ts"
import { findPerson } from "../../identity/actions/load-people.ts"
import { changePartnerStatus } from "../../partners/actions/change-partner.ts"
import { listNamesAndMails, loadPartnerStatus } from "../../partners/actions/load-facts.ts"
import { revokeKeyAfterRestore } from "../../partners/keys/actions/manage-keys.ts"
import { type PartnerStatus, isLockedOut, hasCaseAccess } from "../../partners/partner.ts"
import { endPublisherKeyAfterRestore } from "../../publisher-keys/actions/replace-publisher-key.ts"
import { endSigningKeyAfterRestore } from "../../signing-keys/actions/rotate-signing-keys.ts"
import type { ReappliedEnd } from "../quarantine.ts"
import { reapplySpentBudgets } from "./spent-budgets.ts"

/**
 * Reapplies ended access and returns each end with its outcome. Unknown partners, people and credentials are left out.
 */
export async function reapplyEnds(ctx: ActionContext, { ends }: HighWater): Promise<ReappliedEnd[]> {
    const partners = new Set((await listNamesAndMails(ctx)).keys())
    const applied: ReappliedEnd[] = []
    for (const end of ends) {
        const outcome = await reapplyEnd(ctx, end, partners).catch(outcomeOfError)
        if (outcome !== "nothing_to_do") applied.push({ kind: end.kind, id: end.id, status: end.status, outcome })
    }
    for (const { kind, id, status } of await reapplySpentBudgets(ctx, ends))
        applied.push({ kind, id, status, outcome: "applied" })
    return applied
}

type Outcome = ReappliedEnd["outcome"] | "nothing_to_do"

function outcomeOfError(error: unknown): Outcome {
    if (error instanceof Refusal) return "refused"
    throw error
}

async function reapplyEnd(ctx: ActionContext, end: AccessEnd, partners: ReadonlySet<string>): Promise<Outcome> {
    switch (end.kind) {
        case "partner":
            return partners.has(end.id) ? await reapplyStatus(ctx, end) : "nothing_to_do"
        case "person": {
            const person = await findPerson(ctx, end.id)
            if (person === null || person.leftAt !== null) return "nothing_to_do"
            await removePerson(ctx, end.id)
            return "applied"
        }
        case "credential":
            return (await endSignIn(ctx, end.id)) ? "applied" : "nothing_to_do"
        case "passkey":
            return (await endPasskeyAfterRestore(ctx, end.id)) ? "applied" : "nothing_to_do"
        case "machine_client":
            return (await endClientAfterRestore(ctx, end.id, end.from)) ? "applied" : "nothing_to_do"
        case "data_key":
            return (await deleteContent(ctx, end)) ? "applied" : "nothing_to_do"
        case "signing_key":
            return (await endSigningKeyAfterRestore(ctx, end.id, end.from)) ? "applied" : "nothing_to_do"
        case "publisher_key":
            return (await endPublisherKeyAfterRestore(ctx, end)) ? "applied" : "nothing_to_do"
        case "spent_budget":
            return "nothing_to_do" // All of them are reapplied together, after the others.
        case "key":
            return (await revokeKeyAfterRestore(ctx, end.id)) ? "applied" : "nothing_to_do"
    }
}

/** Destroys a data key of a case again. The entry's id is its scope: of the case, or of its proofs of concept. */
async function deleteContent(ctx: ActionContext, { id: scope, from: at }: AccessEnd): Promise<boolean> {
    const isDestroyed = await destroyKeyPermanently(ctx.tx, { scope, at, approval: null })
    if (!isDestroyed || !scope.startsWith("case:")) return false
    await record(ctx, { kind: "case.content_deleted", case: scope.replace(/^case:/, ""), approval: null })
    return true
}

/** Ends a session, token or link by its hash, or a connected account of single sign-on by its id. */
async function endSignIn(ctx: ActionContext, id: string): Promise<boolean> {
    return id.includes("-") ? await endIdentityAfterRestore(ctx, id) : await endCredentialAfterRestore(ctx, id)
}

/**
 * Applies a status that takes access away, at once, because the restored clock may be behind the file. Only two people
 * can apply a status that gives more.
 */
async function reapplyStatus(ctx: ActionContext, { id, status }: AccessEnd): Promise<Outcome> {
    const current = await loadPartnerStatus(ctx, id)
    const target = status as PartnerStatus
    const locksOut = isLockedOut(target) && hasCaseAccess(current)
    const terminates = target === "terminated" && current === "suspended"
    if (!(locksOut || terminates || (target === "restricted" && current === "active"))) return "nothing_to_do"
    await changePartnerStatus(ctx, id, target)
    return "applied"
}
