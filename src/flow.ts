/**
 * THE TABLE: which recorded event starts which step. Everything that the product does by itself stands here.
 *
 * Forward is by event: a step runs in the transaction that strikes its event, so nothing happens unrecorded and
 * nothing recorded is lost. Backward is by data: a measure writes standing, and the next entitlement reads it.
 */
import { numbering } from "./trust/audit/actions/numbering.ts"
import type { Act } from "./trust/audit/actions.ts"
import type { Chore, Flow, Step } from "./platform/worker.ts"
import { mailing, makeNotices } from "./share/delivery/actions/notices.ts"
import { releasing } from "./share/release/actions.ts"
import { attributeLeak } from "./trace/attribution/actions.ts"

/** A step acts as itself, and is on record by its name. */
function step(name: string, work: (act: Act, body: Readonly<Record<string, unknown>>) => Promise<void>): Step {
    return (tx, event, now, doors) => work({ tx, now, doors, actor: { kind: "system", step: name } }, event.body)
}

const notify = step("notify", (act, { wave, recipients }) =>
    makeNotices(act, String(wave), recipients as readonly string[]),
)

const attribute = step("attribute", async (act, { evidence, what }) => {
    if (what === "leak") await attributeLeak(act, String(evidence))
})

export const flow: Flow = {
    "wave.released": notify,
    "evidence.filed": attribute,
}

/** Looked for by state, again and again: what is due falls, whatever was missed. */
export const chores: readonly Chore[] = [releasing, numbering, mailing]

/** Kinds that nothing follows from. */
export const ends: readonly string[] = [
    "agreement.accepted",
    "agreement.added",
    "approval.requested",
    "approval.signed",
    "approval.used",
    "approval.voided",
    "artifact.added",
    "artifact.read",
    "artifact.versioned",
    "attribution.made",
    "attribution.not_made",
    "attribution.read",
    "case.linked",
    "case.opened",
    "consent.answered",
    "consent.invited",
    "copy.acknowledged",
    "copy.delivered",
    "credential.issued",
    "embargo.agreed",
    "embargo.broken",
    "embargo.ended",
    "embargo.moved",
    "embargo.proposed",
    "evidence.read",
    "exposure.asked",
    "finding.confirmed",
    "finding.proposed",
    "inquiry.listed",
    "inquiry.opened",
    "inquiry.read",
    "inquiry.weighed",
    "inquiry.widened",
    "key.added",
    "key.revoked",
    "letter.answered",
    "letter.sent",
    "marks.committed",
    "marks.master_made",
    "marks.words_read",
    "measure.ended",
    "measure.taken",
    "notice.dropped",
    "notice.failed",
    "notice.sent",
    "partner.added",
    "partner.duties_set",
    "partner.restricted",
    "partner.restriction_lifted",
    "partner.standing_changed",
    "partner.tier_changed",
    "person.joined",
    "person.left",
    "person.signed_out",
    "policy.activated",
    "policy.added",
    "record.exported",
    "release.disarmed",
    "release.requested",
    "wave.frozen",
    "wave.planned",
]
