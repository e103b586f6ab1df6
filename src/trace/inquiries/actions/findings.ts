/**
 * Findings: proposed by one member, signed by another, then confirmed. What the approval shows to all signers is the
 * inquiry's id and a keyed hash: the words, and whom they concern, are read in the inquiry alone.
 */
import { createHmac } from "node:crypto"
import { canonical } from "../../../lib/canonical.ts"
import { refuse } from "../../../lib/refusal.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { requestApproval, useApproval } from "../../../trust/approvals/actions.ts"
import type { Effects } from "../../../trust/approvals/approval.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { partnerFactsOf } from "../../../trust/partners/actions/facts.ts"
import { type Conclusion, type Finding, mustBeConclusion } from "../inquiry.ts"
import * as store from "../store.ts"
import { memberOf, mustBeOperator, sealedWith } from "./membership.ts"

/** A finding that waits for a second member's signature. */
export async function conclude(
    act: Act,
    inquiry: string,
    its: Conclusion,
): Promise<{ readonly finding: string; readonly approval: string }> {
    await memberOf(act, inquiry)
    mustBeConclusion(its)
    const { partner, conclusion, confidence, obligation } = its
    if (partner !== null) await partnerFactsOf(act, partner, act.now)
    const id = act.doors.newId()
    const approval = await requestApproval(
        act,
        effectsOf(act, inquiry, id, { partner, conclusion, confidence, obligation }),
    )
    const words = JSON.stringify({ conclusion, confidence, obligation })
    await store.insertFinding(act.tx, {
        id,
        inquiry,
        partner,
        details_box: await seal(act.tx, act.doors.keys, sealedWith(inquiry), `findings.details:${id}`, words),
        approval,
        proposed_by: mustBeOperator(act),
        proposed_at: act.now,
    })
    await record(act, { kind: "finding.proposed", finding: id, inquiry, partner, approval }, true)
    return { finding: id, approval }
}

/** Uses the second signature up. It counts where it is a member's, who has read what was signed. */
export async function confirmFinding(act: Act, inquiry: string, id: string): Promise<void> {
    await memberOf(act, inquiry)
    const its = (await findingsOf(act, inquiry)).find((one) => one.id === id)
    if (!its) refuse("missing", "inquiry.unknown_finding", "no such finding")
    const { signedBy } = await useApproval(act, its.approval, effectsOf(act, inquiry, id, its))
    if (!(await store.members(act.tx, inquiry)).includes(signedBy ?? "")) {
        refuse("forbidden", "inquiry.signer_outside", "whoever signed this is no member, and cannot have read it")
    }
    await store.setConfirmed(act.tx, id, act.now)
    await record(act, { kind: "finding.confirmed", finding: id, inquiry, partner: its.partner }, true)
}

/** Of one inquiry, oldest first; for actions that have let the member in. */
export async function findingsOf(act: Act, inquiry: string): Promise<Finding[]> {
    const found: Finding[] = []
    for (const row of await store.findings(act.tx, inquiry)) {
        const place = `findings.details:${row.id}`
        const text = await unseal(act.tx, act.doors.keys, sealedWith(inquiry), place, row.details_box)
        const words = JSON.parse(text) as Pick<Conclusion, "conclusion" | "confidence" | "obligation">
        const { id, partner, approval } = row
        const by = { proposedBy: row.proposed_by, proposedAt: row.proposed_at, confirmedAt: row.confirmed_at }
        found.push({ ...words, id, partner, approval, ...by })
    }
    return found
}

function effectsOf(act: Act, inquiry: string, finding: string, its: Conclusion): Effects {
    const { partner, conclusion, confidence, obligation } = its
    const words = canonical({ finding, partner, conclusion, confidence, obligation })
    const digest = createHmac("sha256", act.doors.keys.derive("findings", 32)).update(words).digest("hex")
    return { act: "inquiry.finding", recipients: [], artifacts: [], at: null, detail: { inquiry, finding, digest } }
}
